// SPDX-License-Identifier: MIT

/// The version of this program, as in CHANGELOG.md.
let version = "0.5.0"
