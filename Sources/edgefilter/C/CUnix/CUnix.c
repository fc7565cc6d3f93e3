// SPDX-License-Identifier: MIT
#include "CUnix.h"
