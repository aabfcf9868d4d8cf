/* SPDX-License-Identifier: Apache-2.0
 * Looking into a spool from outside, for `platen report`: read-only, blocking, needs
 * no lock, and works while the daemon runs. Sees what was committed when it began. */
#ifndef PLATEN_STORE_SPOOL_VIEW_H
#define PLATEN_STORE_SPOOL_VIEW_H

#include "proto/base/err.h"
#include "proto/base/str.h"
#include "proto/reading/reading.h"

#include <stddef.h>
#include <stdint.h>

/* The newest state of one group of one device: valid during the call only. */
struct spool_latest {
	struct text device_key;
	struct text address; /* as the record had it */
	enum reading_group group;
	const uint8_t *bytes; /* for record_group_unpack (proto/wire/pack.h) */
	size_t len;
	uint64_t read_at_ms;
	bool is_awaited; /* the next state of the group counts (proto/history) */
};

/* A row of the table as it is in the store: 0 or ERR_STORE_CORRUPT. */
int latest_read(struct spool_latest *ret, const uint8_t *bytes, size_t len) MUST_USE;

/* A negative return ends the iteration and is handed back. */
typedef int spool_on_latest(void *owner, const struct spool_latest *latest);

/* Every group of every device, all groups of one device in a row, by group number; devices by
 * address as in the device store, those beyond LIMIT_DEVICES_MAX after them. Rows whose checksum
 * does not fit are left out. Returns the number of rows given, or an error with its reason in `why`
 * (-ENOENT: there is no store). */
int spool_each_latest(
	const char *dir, spool_on_latest *each, void *owner, char *why, size_t why_cap) MUST_USE;

#endif
