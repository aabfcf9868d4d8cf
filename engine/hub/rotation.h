/* SPDX-License-Identifier: Apache-2.0
 * The hub's key, which signs receipts, and its rotation: hub.key in the state directory, and
 * hub.key.old, the one before. As long as that is there, each receipt carries its signature over
 * the new key, so that agents move their pin (proto/wire/SCHEMA.md). */
#ifndef PLATEN_HUB_ROTATION_H
#define PLATEN_HUB_ROTATION_H

#include "engine/loop/crypto.h"

#include <stdbool.h>
#include <stddef.h>

/* hub.key, which is made if it is missing. */
int hub_key_open(struct crypto_key **ret, const char *dir, char *why, size_t why_cap) MUST_USE;
/* hub.key.old; NULL if there is none. */
int hub_key_open_old(struct crypto_key **ret, const char *dir, char *why, size_t why_cap) MUST_USE;
/* Whether hub.key is there. */
bool hub_key_exists(const char *dir);

/* A new hub.key; the present one becomes hub.key.old. A kill leaves the old key in force or the new
 * one. -ENOENT: there is no key yet. A running hub uses the old one until it is started again. */
int hub_key_rotate(const char *dir, char *why, size_t why_cap) MUST_USE;

#endif
