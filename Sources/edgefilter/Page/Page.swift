// SPDX-License-Identifier: MIT

/// Documents that are part of the program: the build puts the files beside this one into it.
package enum Page {
    /// The admin page, in which `<style></style>` and `<script></script>` are still empty.
    package static var document: [UInt8] { PackageResources.page_html }
    /// What a browser is told where nobody can sign in; its `<style></style>` is still empty.
    package static var closed: [UInt8] { PackageResources.closed_html }
    /// What stands in the style of both.
    package static var style: [UInt8] { PackageResources.page_css }
    /// What stands in its program.
    package static var program: [UInt8] {
        PackageResources.words_js + PackageResources.dom_js + PackageResources.api_js
            + PackageResources.picker_js
            + PackageResources.chart_js + PackageResources.usage_js + PackageResources.keys_js
            + PackageResources.users_js + PackageResources.start_js
    }

    /// What our endpoints are (OpenAPI 3.1).
    package static var openAPI: [UInt8] { PackageResources.openapi_json }
}
