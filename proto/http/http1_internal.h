/* SPDX-License-Identifier: Apache-2.0
 * Shared by http1_read.c, http1_write.c, http1_basic.c and http1_date.c. */
#ifndef PLATEN_HTTP_HTTP1_INTERNAL_H
#define PLATEN_HTTP_HTTP1_INTERNAL_H

#include "proto/base/writer.h"

/* Appends "Basic ..." (RFC 7617). */
void http1_put_basic(struct writer *w, const char *user, const char *password);

/* Appends the header Date, unless the time is 0. */
void http1_put_date(struct writer *w, uint64_t date_ms);

#endif
