/* SPDX-License-Identifier: Apache-2.0
 * The list of fields as one sequence, and policies by its names. */
#include "proto/wire/policy.h"

#include "proto/base/closest.h"
#include "proto/base/hash.h"
#include "proto/wire/pack_internal.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Raised when the gate itself changes, so that pending records pass the new one. 0 and 1 are of
 * records that no gate has seen. */
enum { GATE_VERSION = 2, POLICY_ID_FIRST = 2 };

static const struct row_type *part_at(unsigned *i)
{
	for (unsigned part = 0; part < PART_COUNT; part++) {
		const struct row_type *t = &row_types[part];
		if (*i < t->count)
			return t;
		*i -= t->count;
	}
	return NULL;
}

bool policy_field_at(unsigned i, struct policy_field *ret)
{
	const struct row_type *t = part_at(&i);
	if (t == NULL)
		return false;
	const struct field *f = &t->field[i];
	bool is_of_agent = (t->data_class == DATA_SITE || t->data_class == DATA_HOST) &&
			   f->leaves != LEAVES_ALWAYS;
	*ret = (struct policy_field){.part = t->name,
		.name = f->name,
		.number = t->first + i,
		.data_class = t->data_class,
		.leaves = f->leaves,
		.methods = is_of_agent ? METHOD_AGENT : METHOD_AGENT | METHOD_DIRECT,
		.is_vendor = f->is_vendor,
		.mask = (unsigned)(t - row_types),
		.bit = i};
	return true;
}

const char *data_class_name(enum data_class c)
{
	static const char *const names[DATA_CLASS_COUNT] = {
		"identity", "meters", "supplies", "diagnostics", "site", "host"};
	return (unsigned)c < DATA_CLASS_COUNT ? names[c] : "";
}

/* ---- narrowing ---- */

static void leave_out(struct policy *p, const struct policy_field *f)
{
	if (f->leaves != LEAVES_ALWAYS)
		p->left_out[f->mask] |= 1u << f->bit;
}

void policy_open(struct policy *p)
{
	struct policy_field f;
	*p = (struct policy){.id = 0};
	for (unsigned i = 0; policy_field_at(i, &f); i++) {
		if (f.leaves == LEAVES_BY_OPT_IN)
			leave_out(p, &f);
	}
}

static const struct {
	const char *name;
	unsigned bit;
} optional_fields[] = {{"name", OPTIONAL_NAME}, {"location", OPTIONAL_LOCATION},
	{"contact", OPTIONAL_CONTACT}, {"asset", OPTIONAL_ASSET}};
enum { OPTIONAL_FIELDS = sizeof optional_fields / sizeof optional_fields[0] };

static unsigned optional_bit(const struct policy_field *f)
{
	for (unsigned i = 0; i < OPTIONAL_FIELDS; i++) {
		if (f->leaves == LEAVES_BY_OPT_IN && strcmp(f->name, optional_fields[i].name) == 0)
			return optional_fields[i].bit;
	}
	return 0;
}

void policy_opt_in(struct policy *p, unsigned optional)
{
	struct policy_field f;
	for (unsigned i = 0; policy_field_at(i, &f); i++) {
		if ((optional_bit(&f) & optional) != 0)
			p->left_out[f.mask] &= ~(1u << f.bit);
	}
}

unsigned policy_optional(const struct policy *p)
{
	struct policy_field f;
	unsigned optional = 0;
	for (unsigned i = 0; policy_field_at(i, &f); i++) {
		if ((p->left_out[f.mask] >> f.bit & 1) == 0)
			optional |= optional_bit(&f);
	}
	return optional;
}

void policy_leave_out_class(struct policy *p, enum data_class c)
{
	struct policy_field f;
	for (unsigned i = 0; policy_field_at(i, &f); i++) {
		if (f.data_class == c)
			leave_out(p, &f);
	}
}

void policy_open_third_party(struct policy *p)
{
	struct policy_field f;
	policy_open(p);
	for (unsigned i = 0; policy_field_at(i, &f); i++) {
		if (f.is_vendor)
			leave_out(p, &f);
	}
}

void policy_set_corporate(struct policy *p)
{
	struct policy_field f;
	p->is_corporate = true;
	for (unsigned i = 0; policy_field_at(i, &f); i++) {
		if (f.leaves == LEAVES_NOT_CORPORATE || f.leaves == LEAVES_BY_OPT_IN)
			leave_out(p, &f);
	}
}

static void full_name(char dst[64], const struct policy_field *f)
{
	(void)snprintf(dst, 64, "%s.%s", f->part, f->name);
}

int policy_leave_out(struct policy *p, struct text name)
{
	struct policy_field f;
	char full[64];
	bool is_known = false, is_left_out = false;
	for (unsigned i = 0; policy_field_at(i, &f); i++) {
		full_name(full, &f);
		if (!text_is(name, full) && !text_is(name, f.part))
			continue;
		is_known = true;
		is_left_out = is_left_out || f.leaves != LEAVES_ALWAYS;
		leave_out(p, &f);
	}
	return !is_known ? ERR_NAME : is_left_out ? 0 : ERR_FORBIDDEN;
}

void policy_add_host(struct policy *p, struct text name)
{
	char *dst = p->host_name[p->host_names < POLICY_HOST_NAMES ? p->host_names : 0];
	if (p->host_names == POLICY_HOST_NAMES || name.len < 4 || name.len >= POLICY_HOST_NAME ||
		text_starts_with(name, "127.") || text_starts_with(name, "localhost") ||
		text_is(name, "00:00:00:00:00:00"))
		return;
	for (size_t i = 0; i < name.len; i++)
		dst[i] = (char)tolower((unsigned char)name.p[i]);
	dst[name.len] = '\0';
	p->host_names++;
}

/* The host's identifiers are no part of it: an address by DHCP is no other policy, and the id must
 * not tell them. */
void policy_close(struct policy *p)
{
	const uint8_t start[2] = {GATE_VERSION, p->is_corporate};
	uint64_t h = hash_bytes(0, start, sizeof start);
	struct policy_field f;
	for (unsigned i = 0; policy_field_at(i, &f); i++) {
		char full[64];
		if ((p->left_out[f.mask] >> f.bit & 1) == 0)
			continue;
		full_name(full, &f);
		h = hash_bytes(h, full, strlen(full));
	}
	p->id = (uint32_t)(h ^ h >> 32);
	if (p->id < POLICY_ID_FIRST)
		p->id = POLICY_ID_FIRST;
}

bool policy_admits(const struct policy *p, const char *part, const char *name)
{
	struct policy_field f;
	for (unsigned i = 0; policy_field_at(i, &f); i++) {
		if (strcmp(f.part, part) == 0 && strcmp(f.name, name) == 0)
			return (p->left_out[f.mask] >> f.bit & 1) == 0;
	}
	return false;
}

const char *policy_nearest(struct text name, char dst[64])
{
	struct policy_field f;
	unsigned best = (unsigned)(name.len / 3 > 2 ? name.len / 3 : 2) + 1;
	bool is_found = false;
	for (unsigned i = 0; policy_field_at(i, &f); i++) {
		char full[64];
		full_name(full, &f);
		unsigned d = closest_distance(name.p, name.len, full, strlen(full), best);
		if (f.leaves == LEAVES_ALWAYS || d >= best)
			continue;
		best = d;
		is_found = true;
		memcpy(dst, full, sizeof full);
	}
	return is_found ? dst : NULL;
}

/* ---- the page ---- */

static const char *leaves_name(const struct policy_field *f)
{
	static const char *const names[] = {[LEAVES_BY_DEFAULT] = "by default",
		[LEAVES_ALWAYS] = "always",
		[LEAVES_BY_OPT_IN] = "by opt-in, not in corporate mode",
		[LEAVES_NOT_CORPORATE] = "by default, not in corporate mode"};
	return names[f->leaves];
}

void policy_write_manual(struct writer *w)
{
	struct policy_field f;
	const char *part = "";
	for (unsigned i = 0; policy_field_at(i, &f); i++) {
		if (strcmp(part, f.part) != 0) {
			part = f.part;
			writer_printf(w,
				"\n## %s\n\n| Number | Name | Class | Leaves | Vendor-confidential "
				"| "
				"Agent | Direct |\n|---|---|---|---|---|---|---|\n",
				part);
		}
		writer_printf(w, "| %u | `%s.%s` | %s | %s | %s | yes | %s |\n", f.number, f.part,
			f.name, data_class_name(f.data_class), leaves_name(&f),
			f.is_vendor ? "yes" : "no",
			(f.methods & METHOD_DIRECT) != 0 ? "yes" : "no");
	}
}
