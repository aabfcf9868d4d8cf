/* SPDX-License-Identifier: Apache-2.0
 * The log: one line an event on stderr, key=value, e.g.
 *   2026-11-22T13:05:09.120Z level=warn mod=poll dev=10.1.4.22 err=snmp-timeout tries=3
 * Only the place that handles an error logs it. Values from outside go through log_quote, so that
 * no printer can forge a line. Secrets never come near: there is no function here that takes one.
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

/* To `fd` instead of stderr (tests). */
void log_set_fd(int fd);

/* One line. `mod` names the module; fmt makes the key=value pairs; no newline at the end. Control
 * characters become blanks, and a line over LIMIT_LOG_LINE is cut between characters. */
void log_line(enum log_level level, const char *mod, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* For lines that strangers can cause: at most LIMIT_LOG_GATE a second pass, the rest is counted.
 * Zeroed at first. True: log the line, and that *missed lines before it were not. */
struct log_gate {
	uint64_t since_ms;
	unsigned passed;
	unsigned missed;
};
bool log_gate_pass(struct log_gate *g, uint64_t now_ms, unsigned *missed);

/* `src` as a quoted value: "..." with quotes, backslashes and controls (C0, DEL, C1) escaped, and
 * every byte over 0x7f too if the whole is not UTF-8; cut to fit, never inside a character or an
 * escape. Under 8 bytes of room nothing but an empty text is made. Returns dst. */
const char *log_quote(char *dst, size_t cap, const char *src, size_t len);

#endif
