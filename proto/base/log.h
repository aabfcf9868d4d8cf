/* SPDX-License-Identifier: Apache-2.0
 * The log on stderr: one line an event, the time and then logfmt pairs, e.g.
 *   2026-11-22T13:05:09.120Z level=warn mod=poll dev=10.1.4.22 err=snmp-timeout tries=3
 * The function that handles an error logs it. log_line quotes and escapes every value, so text from
 * outside cannot forge a line or a pair. Secrets are never passed to it.
 */
#ifndef PLATEN_BASE_LOG_H
#define PLATEN_BASE_LOG_H

#include "proto/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level);
bool log_is_on(enum log_level level);

/* One line. `mod` names the module. fmt is pairs, key=VALUE or key="VALUE with blanks", with printf
 * conversions (s d i u x c f g; l ll z j; width, precision and '0' as flag) in the values; a value
 * with blanks, quotes or control characters is quoted whichever way fmt has it. Text of fmt without
 * a key becomes msg="...". A line over LIMIT_LOG_LINE ends with the value that is cut, between
 * characters. */
void log_line(enum log_level level, const char *mod, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Rate limit of lines that peers can cause: at most LIMIT_LOG_RATE a second are let through, the
 * others counted. Zeroed at first. True: write the line; *suppressed lines before it were not
 * written. */
struct log_rate_limit {
	uint64_t since_ms;
	unsigned passed;
	unsigned suppressed;
};
bool log_rate_limit_pass(struct log_rate_limit *r, uint64_t now_ms, unsigned *suppressed);

#endif
