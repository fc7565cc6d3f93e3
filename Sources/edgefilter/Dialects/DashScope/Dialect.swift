// SPDX-License-Identifier: MIT

package import Model

extension Dialect {
    /// Alibaba Model Studio's own API: nobody calls in it, providers are asked in it.
    /// https://help.aliyun.com/zh/model-studio/dashscope-api-reference/
    package static let dashScope = Dialect(
        name: Names.dialect,
        upstream: .http(
            HTTPSide(
                landmarks: Landmarks(reply: [], endMark: [], stops: [:]),
                keyField: ("Authorization", "Bearer "),
                provider: Generation())))
}
