// SPDX-License-Identifier: MIT
#include "CYAML.h"
