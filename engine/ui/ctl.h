/* SPDX-License-Identifier: Apache-2.0
 * The control socket of a daemon: how its own verbs reach it while it runs. A Unix socket of mode
 * 0660 in the state directory (which is 0700: only the daemon's user gets there). One line
 * is the request, one the response; a line is a flat JSON object whose values are all strings, at
 * most CTL_FIELDS of them and LIMIT_CTL_LINE bytes.
 *   {"do":"user-add","name":"agent1", ...}   ->   {"ok":"added"}   or   {"error":"..."}
 *
 * Server: ctl_open, then on_line for each line; the owner responds to each exactly once, now or
 * later, by ctl_respond. ctl_close; on_closed is the last call, after the response to every line.
 * Client: ctl_request blocks, for verbs only. */
#ifndef PLATEN_UI_CTL_H
#define PLATEN_UI_CTL_H

#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "engine/loop/workers.h"
#include "engine/loop/loop.h"

#include <stddef.h>
#include <stdint.h>

enum { CTL_FIELDS = 16 };

#define CTL_FILE "ctl.sock" /* in the state directory */

/* One line, read: names and values are unescaped, with a NUL behind each. */
struct ctl_line {
	size_t count;
	struct ctl_field {
		const char *name;
		const char *value;
	} fields[CTL_FIELDS];
	char text[LIMIT_CTL_LINE];
};

/* ERR_FORMAT for anything but a flat object of strings, a name that comes twice, or a value with a
 * NUL; ERR_LIMIT. */
int ctl_line_read(struct ctl_line *line, const char *bytes, size_t len) MUST_USE;

/* "" if there is none. */
const char *ctl_line_get(const struct ctl_line *line, const char *name);

/* Appends a line, its newline included: 0, or an error and nothing is appended. */
int ctl_line_write(struct buf *dst, const struct ctl_field *fields, size_t count) MUST_USE;

/* ---- the daemon's side ---- */
struct ctl;
struct ctl_session;

/* `line` is good during the call. */
typedef void ctl_on_line(void *owner, struct ctl_session *s, const struct ctl_line *line);

/* Sessions at once; further ones wait in the kernel. */
enum { CTL_SESSIONS = 8 };

/* `dir` is the state directory; the workers are used once, to close. */
int ctl_open(struct ctl **ret, struct loop *l, struct workers *workers, const char *dir,
	ctl_on_line *on_line, void *owner) MUST_USE;

/* "user 1001": the one that sent the line, as the kernel names it; to call in on_line. */
const char *ctl_user(const struct ctl_session *s, char dst[LIMIT_AUDIT_WHO]);

/* {"ok":text} or {"error":text}. */
void ctl_respond(struct ctl_session *s, bool is_ok, const char *text);

void ctl_close(struct ctl *c, void (*on_closed)(void *owner), void *owner);

/* Deadlines of the loop that it needs. */
#define CTL_DUES (CTL_SESSIONS + 1)

/* ---- the verbs' side ---- */

/* Sends a line and reads the response: 0 for {"ok":...}, ERR_FORBIDDEN for {"error":...}, both with
 * the text in `why`. -ENOENT or -ECONNREFUSED: no daemon runs there. */
int ctl_request(const char *dir, const struct buf *line, char *why, size_t why_cap) MUST_USE;

/* The same with a wait of `wait_s` seconds for each step; ERR_TIMEOUT: a daemon listens and does
 * not respond. */
int ctl_request_within(const char *dir, const struct buf *line, unsigned wait_s, char *why,
	size_t why_cap) MUST_USE;

#endif
