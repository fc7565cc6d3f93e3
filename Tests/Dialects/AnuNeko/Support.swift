// SPDX-License-Identifier: MIT

import Model

@testable import AnuNeko
