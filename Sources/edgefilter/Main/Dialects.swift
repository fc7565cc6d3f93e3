// SPDX-License-Identifier: MIT

import Anthropic
import Echo
import Model
import OpenAI
import Responses

/// Every dialect of this program; a new one is a folder and a line here.
let dialects: [Dialect] = [.openAI, .anthropic, .responses, .echo]

/// The dialect of that name, as the operator's file spells it.
func builtIn(_ name: String) -> Dialect? { dialects.first { $0.name == name } }
