/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/store/audit_check.h"

#include <string.h>

enum { HEX = 2 * AUDIT_DIGEST };

void audit_check_open(struct audit_check *c, const struct audit_reader *r)
{
	*c = (struct audit_check){.reader = r};
}

void audit_check_fault(struct audit_check *c, uint64_t number, const char *cause)
{
	const struct audit_fault fault = {.segment = c->segment, .number = number, .cause = cause};
	c->totals.faults++;
	if (c->reader->on_fault != NULL)
		c->reader->on_fault(c->reader->owner, &fault);
}

static void check_digest(struct audit_check *c, const uint8_t *line, size_t len)
{
	static const uint8_t none[AUDIT_DIGEST];
	struct audit_segment_head h;
	const struct audit_entry *e = &c->entry;
	const uint8_t *before = c->has_before ? c->totals.newest : NULL;
	uint8_t digest[AUDIT_DIGEST];
	if (e->kind == AUDIT_SEGMENT) {
		if (audit_segment_read(&h, e) < 0) {
			audit_check_fault(c, e->number, "changed: no head of a segment");
			return;
		}
		if (before != NULL && memcmp(before, h.previous, AUDIT_DIGEST) != 0)
			audit_check_fault(c, e->number,
				"changed: it names another digest of the segment before");
		before = h.previous;
		c->totals.segments++;
		(void)str_copy(c->config, sizeof c->config, h.config);
	} else if (before == NULL && c->expected == 0) {
		audit_check_fault(c, e->number, "missing: the head of the segment");
		return;
	}
	if (before == NULL)
		return; /* the fault before this line was reported */
	if (audit_line_digest(digest, before, line, len - HEX - 1) < 0)
		memcpy(digest, none, sizeof digest);
	if (memcmp(digest, e->digest, sizeof digest) != 0)
		audit_check_fault(
			c, e->number, "changed: its digest fits neither it nor the entry before");
}

static void check_number(struct audit_check *c)
{
	const struct audit_entry *e = &c->entry;
	if (c->expected == 0 || e->number == c->expected)
		return;
	audit_check_fault(c, e->number,
		e->number > c->expected ? "missing: entries before it were removed"
					: "reordered or repeated: its number came before");
	c->has_before = false;
}

int audit_check_line(struct audit_check *c, const uint8_t *line, size_t len)
{
	const struct audit_reader *r = c->reader;
	struct audit_entry *e = &c->entry;
	int err = r->on_line == NULL ? 0 : r->on_line(r->owner, line, len);
	if (err < 0)
		return err;
	if (audit_line_read(e, line, len) < 0) {
		audit_check_fault(c, c->totals.last, "changed: the line behind it is none of ours");
		c->has_before = false;
		c->expected += c->expected > 0;
		return 0;
	}
	check_number(c);
	check_digest(c, line, len);
	if (e->kind == AUDIT_DAMAGED)
		audit_check_fault(c, e->number, "damaged: the program found the entries before so");
	c->totals.recovered += e->kind == AUDIT_RECOVERED;
	if (e->kind == AUDIT_CONFIG)
		audit_config_read(c->config, e);
	if (c->totals.entries++ == 0)
		c->totals.first = e->number;
	c->totals.last = e->number;
	c->expected = e->number + 1;
	c->has_before = true;
	memcpy(c->totals.newest, e->digest, AUDIT_DIGEST);
	return r->on_entry == NULL ? 0 : r->on_entry(r->owner, e);
}

void audit_check_rest(struct audit_check *c)
{
	audit_check_fault(c, c->totals.last, "cut: the line behind it is not complete");
}

int64_t audit_check_bytes(struct audit_check *c, const uint8_t *bytes, size_t len)
{
	size_t at = 0;
	while (at < len) {
		const uint8_t *end = memchr(bytes + at, '\n', len - at);
		if (end == NULL)
			break;
		int err = audit_check_line(c, bytes + at, (size_t)(end - bytes) - at);
		if (err < 0)
			return err;
		at = (size_t)(end - bytes) + 1;
	}
	return (int64_t)at;
}
