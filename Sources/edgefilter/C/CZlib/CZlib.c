// SPDX-License-Identifier: MIT
#include "CZlib.h"
