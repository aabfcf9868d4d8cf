/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as an exported ledger: it is checked line by line, and an entry that was read is
 * written as a line that reads the same. */
#include "engine/store/audit.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_so)
{
	if (!is_so)
		abort();
}

static int on_entry(void *owner, const struct audit_entry *e)
{
	static const uint8_t before[AUDIT_DIGEST];
	struct audit_entry first = *e, again;
	char line[LIMIT_AUDIT_LINE];
	(void)owner;
	int n = audit_line_write(line, &first, before);
	check(n > 0 && audit_line_read(&again, (const uint8_t *)line, (size_t)n - 1) == 0);
	check(again.number == e->number && again.at_ms == e->at_ms && again.kind == e->kind);
	check(strncmp(again.what, e->what, strlen(again.what)) == 0);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct audit_reader r = {.on_entry = on_entry};
	struct audit_check c;
	audit_check_open(&c, &r);
	int64_t whole = audit_check_bytes(&c, data, size);
	check(whole >= 0 && (size_t)whole <= size);
	return 0;
}
