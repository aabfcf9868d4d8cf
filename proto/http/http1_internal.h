/* SPDX-License-Identifier: Apache-2.0
 * What http1_read.c, http1_write.c and http1_basic.c share. */
#ifndef PLATEN_HTTP_HTTP1_INTERNAL_H
#define PLATEN_HTTP_HTTP1_INTERNAL_H

#include "proto/http/http1.h"

/* A tchar of RFC 9110 section 5.6.2. */
bool http1_is_token(uint8_t c);

/* Appends "Basic ..." (RFC 7617). */
int http1_put_basic(struct buf *b, const char *user, const char *password) MUST_USE;

#endif
