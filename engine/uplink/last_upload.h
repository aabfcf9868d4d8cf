/* SPDX-License-Identifier: Apache-2.0
 * The last upload that was receipted: the file last-upload of the state directory, for the
 * difference that `platen preview` shows. Bodies in clear, one after the other, as private as the
 * spool. A run that sends more than LIMIT_LAST_UPLOAD keeps its beginning. */
#ifndef PLATEN_UPLINK_LAST_UPLOAD_H
#define PLATEN_UPLINK_LAST_UPLOAD_H

#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/str.h"

#include <stdbool.h>

/* Writes the body of a run's first batch in place of the last run's, or adds a further one. Blocks:
 * on a worker. 0, -errno. */
int last_upload_put(const char *dir, bool is_first, const struct buf *body) MUST_USE;

struct last_upload;

/* -ENOENT: there is none, and *ret is NULL; so after another error. */
int last_upload_open(struct last_upload **ret, const char *dir);
void last_upload_close(struct last_upload *l);

enum last_compared { LAST_NONE, LAST_SAME, LAST_OTHER };
/* A group's map against the newest one of the same device in that upload, times left out. */
enum last_compared last_upload_compare(const struct last_upload *l, struct text device_key,
	unsigned g, const uint8_t *bytes, size_t len);

#endif
