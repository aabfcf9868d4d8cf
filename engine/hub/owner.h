/* SPDX-License-Identifier: Apache-2.0
 * Root works as the owner of the state directory, so that no file in it becomes one that the hub
 * cannot open. A directory that is not there yet has no owner: it is not made by root's guess. */
#ifndef PLATEN_HUB_OWNER_H
#define PLATEN_HUB_OWNER_H

#include "proto/base/err.h"

#include <stddef.h>

/* 0, also if this process is not root; or an error with a sentence. */
int hub_act_as_owner(const char *dir, char *why, size_t why_cap) MUST_USE;
void hub_act_as_root(void);

#endif
