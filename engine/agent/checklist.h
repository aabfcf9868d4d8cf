/* SPDX-License-Identifier: Apache-2.0
 * Findings of doctor and check-net: one line each, printed as it comes unless the output is a table
 * or JSON. */
#ifndef PLATEN_AGENT_CHECKLIST_H
#define PLATEN_AGENT_CHECKLIST_H

#include "engine/cli/cli.h"
#include "proto/base/limits.h"
#include "proto/base/writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum check_result { CHECK_OK, CHECK_TROUBLE, CHECK_NOT_TRIED };

enum { CHECK_LINES = 128, CHECK_TEXT = 2 * LIMIT_WHY };

struct check_line {
	const char *check; /* "dns", "snmp" ... */
	char object[LIMIT_HOST + 16];
	enum check_result result;
	char text[CHECK_TEXT];  /* the finding, or the cause */
	char action[LIMIT_WHY]; /* trouble: the way out; "": none */
	/* check-net only: "udp" or "tcp" and its port; NULL: none. */
	const char *protocol;
	uint16_t port;
};

struct checklist {
	bool is_shown; /* each line at once on stdout */
	struct check_line lines[CHECK_LINES];
	size_t count; /* further ones are dropped, and counted as trouble if they are */
	size_t troubles;
};

/* A new line; its text follows the format. Returns it, or a place that is not kept. */
struct check_line *checklist_add(struct checklist *l, const char *check, const char *object,
	enum check_result result, const char *action, const char *fmt, ...) PRINTF_LIKE(6, 7);

const char *check_result_name(enum check_result result);

/* The lines as members of an array. */
void checklist_json(struct writer *w, const struct checklist *l);

#endif
