/* SPDX-License-Identifier: Apache-2.0
 * The last resort: a database whose pages SQLite cannot follow any more, or would follow wrongly,
 * is read as raw bytes. Every row of ours is a frame with a magic and a checksum
 * (spool_frame.h), so intact rows are found wherever they lie, in the database or its WAL, in use
 * or stale, and a new database is made of them. Records that were receipted are left out. */
#ifndef PLATEN_STORE_SPOOL_SALVAGE_H
#define PLATEN_STORE_SPOOL_SALVAGE_H

#include "engine/store/spool_internal.h"

#include <stdint.h>

enum {
	DB_PAGE = 4096, /* what store/db makes */
	WAL_HEAD = 32,
	WAL_FRAME = 24 + DB_PAGE
};

uint32_t salvage_be32(const uint8_t *p);

/* ---- spool_scan.c ---- */

/* `err` 0: `f` is intact. Else its checksum is wrong: the head as read, and the bytes that follow
 * it as body. A negative return ends the scan. */
typedef int scan_on_frame(void *owner, const struct frame *f, int err);

/* Finds all frames in DIR/store.db and its WAL. A file that is missing has none. */
int scan_store(const char *dir, scan_on_frame *on_frame, void *owner) MUST_USE;

#endif
