/* SPDX-License-Identifier: Apache-2.0
 * Conclusions at the end of a poll: firmware from sysDescr, part and serial numbers from supply
 * descriptions, colorants, levels; and the order of rows. */
#include "proto/mib/mib_internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* ---- firmware --------------------------------------------------------------------------- */

/* Each module once: a printer may list it in several places. */
bool mib_add_firmware(
	struct mib_plan *plan, struct reading *r, struct text name, struct text version)
{
	name = text_trimmed(name);
	version = text_trimmed(version);
	if (text_is_placeholder(version))
		return true;
	for (const struct firmware *f = r->identity.firmware; f != NULL; f = f->next) {
		if (text_is_equal_nocase(f->name, name))
			return true;
	}
	struct firmware *f = reading_add_firmware(r);
	if (f == NULL) {
		plan->groups_broken |= 1u << GROUP_IDENTITY;
		return false;
	}
	f->name = mib_copy_text(r, name);
	f->version = mib_copy_text(r, version);
	return true;
}

/* Modules after the mark, each a name, a blank and a version. Xerox: "Xerox AltaLink C8135; SS
 * 103.023.1, NC 103.0, UI 2.1"; older ones leave the blank out. Samsung: "Samsung M4080FX;
 * V11.01.03;Engine V1.00.06;NIC V4.01;S/N Z5IJ000001", where the first has no name; older ones:
 * "Samsung ML-2850 Series OS 1.01.15.47;Engine 1.01.25". */
static bool add_modules(struct mib_plan *plan, struct reading *r, char mark)
{
	struct text os = mib_word_after(mib_text_before(r->identity.sys_descr, mark), "OS ");
	if (os.len > 0 && !mib_add_firmware(plan, r, text_of("OS"), os))
		return false;
	struct text rest = mib_text_after(r->identity.sys_descr, mark);
	while (rest.len > 0) {
		struct text name, version;
		size_t end = 0;
		while (end < rest.len && rest.p[end] != ',' && rest.p[end] != ';')
			end++;
		struct text part = text_trimmed((struct text){rest.p, end});
		size_t gone = end < rest.len ? end + 1 : end;
		rest = (struct text){rest.p + gone, rest.len - gone};
		if (text_starts_with(part, "S/N") || text_starts_with(part, "SN"))
			continue;
		if (mib_split_version(part, &name, &version) &&
			!mib_add_firmware(
				plan, r, name.len > 0 ? name : text_of("firmware"), version))
			return false;
	}
	return true;
}

/* The word after the first of these marks in sysDescr: "Firmware Ver.1.05", "version CXTZJ.074"; of
 * HP's network cards "EEPROM JSI24050001". */
static void add_from_descr(struct mib_plan *plan, struct reading *r)
{
	static const char *const marks[] = {"firmware ver.", "firmware version", "firmware rev.",
		"firmware", "fw ver", "version", "eeprom"};
	struct text t = r->identity.sys_descr;
	for (size_t m = 0; m < sizeof marks / sizeof marks[0]; m++) {
		size_t n = strlen(marks[m]);
		for (size_t i = 0; i + n < t.len; i++) {
			bool is_start = i == 0 || !isalnum((unsigned char)t.p[i - 1]);
			if (!is_start || strncasecmp(t.p + i, marks[m], n) != 0)
				continue;
			struct text rest = text_trimmed((struct text){t.p + i + n, t.len - i - n});
			size_t len = 0;
			while (len < rest.len && strchr(" ,;/", rest.p[len]) == NULL)
				len++;
			/* Brother's "Firmware Ver.Y" is a letter; every other version has a digit.
			 */
			bool is_version =
				len > 0 && (m == 0 || mib_has_digit((struct text){rest.p, len}));
			if (is_version && mib_add_firmware(plan, r, text_of("firmware"),
						  (struct text){rest.p, len}))
				return;
		}
	}
}

static void conclude_firmware(struct mib_plan *plan, struct reading *r)
{
	if (plan->model != NULL && plan->model->firmware_mark != '\0' &&
		!add_modules(plan, r, plan->model->firmware_mark))
		return;
	if (r->identity.firmware_count > 0 || !r->identity.is_printer)
		return;
	add_from_descr(plan, r);
	struct text version = mib_version_in(plan, r);
	if (r->identity.firmware_count == 0 && version.len > 0)
		(void)mib_add_firmware(plan, r, text_of("firmware"), version);
}

/* ---- supplies --------------------------------------------------------------------------- */

/* Supplies with hrDeviceIndex 0 (HP Officejet 8100) belong to the printer's only device row. */
static const struct mib_colorant *find_colorant(const struct mib_plan *plan, const struct supply *s)
{
	for (unsigned i = 0; i < plan->colorant_count && s->colorant_index != 0; i++) {
		const struct mib_colorant *c = &plan->colorant[i];
		if (c->index == s->colorant_index && (c->device == s->device || s->device == 0))
			return c;
	}
	return NULL;
}

/* A name that is no colour of ours stays in its own words. */
static struct text colorant_in_table(struct reading *r, struct text name)
{
	struct text colorant = reading_colorant_of(name);
	return colorant.len > 0 ? colorant : mib_copy_lower(r, name);
}

static void conclude_supplies(struct mib_plan *plan, struct reading *r)
{
	for (struct supply *s = r->supplies; s != NULL; s = s->next) {
		const struct mib_colorant *c = find_colorant(plan, s);
		if (c != NULL && c->name.len > 0)
			s->colorant = colorant_in_table(r, c->name);
		s->colorant = reading_finer_colorant(s->colorant, s->description);
		if (s->type == 0)
			s->type = mib_type_of(s->description);
		struct text part, serial;
		mib_numbers_in(s->description, &part, &serial);
		if (part.len > 0)
			s->part = mib_copy_text(r, part);
		if (serial.len > 0)
			s->serial = mib_copy_text(r, serial);
		/* RFC 3805's class alone is not enough: vendors count either way in it. */
		if (s->supply_class == CLASS_RECEPTACLE && plan->model != NULL &&
			s->direction == DIRECTION_UNKNOWN)
			s->direction = plan->model->receptacles;
		if (s->level_kind != LEVEL_EMPTY || supply_is_receptacle(s))
			supply_set_level_kind(s);
	}
	reading_apply_alerts(r);
}

/* A row with a unit or a label but without a value is no meter. */
static void drop_empty_meters(struct reading *r)
{
	struct meter **at = &r->meters;
	while (*at != NULL) {
		if ((*at)->name == METER_NAME_COUNT) {
			*at = (*at)->next;
			r->meter_count--;
		} else {
			at = &(*at)->next;
		}
	}
	r->meters_end = at;
}

/* ---- order ------------------------------------------------------------------------------ */

/* The common head of all rows. */
struct row {
	struct row *next;
};

typedef bool is_before(const struct row *a, const struct row *b);

static bool meter_is_before(const struct row *a, const struct row *b)
{
	const struct meter *x = (const struct meter *)a, *y = (const struct meter *)b;
	if (x->origin != y->origin)
		return x->origin < y->origin;
	if (x->origin < ORIGIN_TABLES)
		return x->device != y->device ? x->device < y->device : x->index < y->index;
	/* Rows of vendor tables: by their whole index. */
	const struct mib_meter *p = (const struct mib_meter *)a, *q = (const struct mib_meter *)b;
	for (unsigned i = 0; i < p->subs && i < q->subs; i++) {
		if (p->sub[i] != q->sub[i])
			return p->sub[i] < q->sub[i];
	}
	return p->subs < q->subs;
}

static bool supply_is_before(const struct row *a, const struct row *b)
{
	const struct supply *x = (const struct supply *)a, *y = (const struct supply *)b;
	return x->device != y->device ? x->device < y->device : x->index < y->index;
}

static bool alert_is_before(const struct row *a, const struct row *b)
{
	const struct alert *x = (const struct alert *)a, *y = (const struct alert *)b;
	return x->device != y->device ? x->device < y->device : x->index < y->index;
}

static bool option_is_before(const struct row *a, const struct row *b)
{
	const struct option *x = (const struct option *)a, *y = (const struct option *)b;
	if (x->kind != y->kind)
		return x->kind < y->kind;
	return x->device != y->device ? x->device < y->device : x->index < y->index;
}

static bool subunit_is_before(const struct row *a, const struct row *b)
{
	const struct subunit *x = (const struct subunit *)a, *y = (const struct subunit *)b;
	if (x->kind != y->kind)
		return x->kind < y->kind;
	return x->device != y->device ? x->device < y->device : x->index < y->index;
}

/* Rows of vendor tables: by table, then by their whole index. */
static bool family_row_is_before(const struct row *a, const struct row *b)
{
	const struct mib_row *x = (const struct mib_row *)a, *y = (const struct mib_row *)b;
	if (x->table != y->table)
		return x->table < y->table;
	for (unsigned i = 0; i < x->subs && i < y->subs; i++) {
		if (x->sub[i] != y->sub[i])
			return x->sub[i] < y->sub[i];
	}
	return x->subs < y->subs;
}

/* Merges two sorted lists; of equal rows the one in `a` comes first. */
static struct row *merge(struct row *a, struct row *b, is_before *before)
{
	struct row head, *end = &head;
	while (a != NULL && b != NULL) {
		struct row **from = before(b, a) ? &b : &a;
		end->next = *from;
		end = *from;
		*from = end->next;
	}
	end->next = a != NULL ? a : b;
	return head.next;
}

/* Cuts the longest sorted run off the front of *rows. */
static struct row *cut_run(struct row **rows, is_before *before)
{
	struct row *first = *rows, *last = first;
	while (last->next != NULL && !before(last->next, last))
		last = last->next;
	*rows = last->next;
	last->next = NULL;
	return first;
}

/* Rows arrive in the order of the responses, which differs from poll to poll; sorted by index, the
 * same content gives the same bytes. Natural merge sort: bins[i] holds 2^i runs. */
static struct row *sorted(struct row *rows, is_before *before)
{
	struct row *bins[16] = {NULL};
	while (rows != NULL) {
		struct row *run = cut_run(&rows, before);
		unsigned i = 0;
		for (; bins[i] != NULL; i++) {
			run = merge(bins[i], run, before);
			bins[i] = NULL;
		}
		bins[i] = run;
	}
	for (unsigned i = 0; i < 16; i++) {
		if (bins[i] != NULL)
			rows = rows == NULL ? bins[i] : merge(bins[i], rows, before);
	}
	return rows;
}

/* Sorts a list of the reading; its end moves, as later conclusions append rows. */
#define SORT(r, list, before)                                                                      \
	do {                                                                                       \
		(r)->list = (void *)sorted((struct row *)(r)->list, before);                       \
		for ((r)->list##_end = &(r)->list; *(r)->list##_end != NULL;)                      \
			(r)->list##_end = &(*(r)->list##_end)->next;                               \
	} while (0)

static void sort_rows(struct reading *r)
{
	SORT(r, meters, meter_is_before);
	SORT(r, supplies, supply_is_before);
	SORT(r, alerts, alert_is_before);
	SORT(r, options, option_is_before);
	SORT(r, subunits, subunit_is_before);
}

/* A counter that two sources give is kept once: the standard's, or the first one in the model file.
 * Marker counters are kept per marker. */
static void drop_repeated_meters(struct reading *r)
{
	uint64_t seen = 0;
	struct meter **at = &r->meters;
	while (*at != NULL) {
		unsigned name = (*at)->name;
		bool is_single = name < METER_MARKER_LIFE;
		if (is_single && (seen >> name & 1) != 0) {
			*at = (*at)->next;
			r->meter_count--;
			continue;
		}
		seen |= UINT64_C(1) << name;
		at = &(*at)->next;
	}
	r->meters_end = at;
}

/* Extends the time window of a group by that of another one whose values it uses. */
static void widen_window(struct reading *r, enum reading_group group, enum reading_group other)
{
	struct group_info *g = &r->group[group];
	const struct group_info *o = &r->group[other];
	if (o->requested_at_ms == 0)
		return;
	if (g->requested_at_ms == 0 || o->requested_at_ms < g->requested_at_ms)
		g->requested_at_ms = o->requested_at_ms;
	if (o->responded_at_ms > g->responded_at_ms)
		g->responded_at_ms = o->responded_at_ms;
}

/* Maintenance parts derive from the supplies: their group is no better. */
static void weaken_maintenance(struct mib_plan *plan, struct reading *r)
{
	if ((plan->groups_seen & 1u << GROUP_SUPPLIES) != 0)
		plan->groups_seen |= 1u << GROUP_MAINTENANCE;
	if ((plan->groups_broken & 1u << GROUP_SUPPLIES) != 0)
		plan->groups_broken |= 1u << GROUP_MAINTENANCE;
	if ((plan->groups_endless & 1u << GROUP_SUPPLIES) != 0)
		plan->groups_endless |= 1u << GROUP_MAINTENANCE;
	widen_window(r, GROUP_MAINTENANCE, GROUP_SUPPLIES);
}

void mib_conclude(struct mib_plan *plan, struct reading *r)
{
	/* Sorted first, so that the first row and the first of two duplicates do not depend on the
	 * order of the responses. */
	sort_rows(r);
	plan->model_rows =
		(struct mib_row *)sorted((struct row *)plan->model_rows, family_row_is_before);
	mib_conclude_device(plan, r);
	mib_conclude_identity(plan, r);
	mib_conclude_family(plan, r);
	conclude_firmware(plan, r);
	/* Levels that arrive as coded records, in the requests of the counters. */
	if (plan->deferred != NULL || plan->levels != NULL)
		widen_window(r, GROUP_SUPPLIES, GROUP_METERS);
	sort_rows(r);
	conclude_supplies(plan, r);
	mib_conclude_levels(plan, r);
	drop_empty_meters(r);
	drop_repeated_meters(r);
	mib_conclude_sums(plan, r);
	if (!plan->is_incremental) {
		mib_conclude_parts(plan, r);
		mib_conclude_options(plan, r);
		mib_conclude_media(r);
		weaken_maintenance(plan, r);
	}
	mib_apply_deferred(plan, r);
	sort_rows(r);
}
