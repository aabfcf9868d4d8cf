/* SPDX-License-Identifier: Apache-2.0
 * Decodes a response in one pass: the values of the requested attributes are kept as views, and
 * decoded group by group after the last one. */
#include "proto/ipp/ipp_reading.h"

#include "proto/ipp/ipp_internal.h"

#include <stdio.h>
#include <string.h>

static const char *const attribute_names[ATTRIBUTE_COUNT] = {
	[ATTRIBUTE_MAKE_AND_MODEL] = "printer-make-and-model",
	[ATTRIBUTE_DEVICE_ID] = "printer-device-id",
	[ATTRIBUTE_SERIAL] = "printer-serial-number",
	[ATTRIBUTE_UUID] = "printer-uuid",
	[ATTRIBUTE_FIRMWARE_NAME] = "printer-firmware-name",
	[ATTRIBUTE_FIRMWARE_STRING] = "printer-firmware-string-version",
	[ATTRIBUTE_FIRMWARE_VERSION] = "printer-firmware-version",
	[ATTRIBUTE_UP_TIME] = "printer-up-time",
	[ATTRIBUTE_STATE] = "printer-state",
	[ATTRIBUTE_STATE_REASONS] = "printer-state-reasons",
	[ATTRIBUTE_ALERT] = "printer-alert",
	[ATTRIBUTE_ALERT_DESCRIPTION] = "printer-alert-description",
	[ATTRIBUTE_SUPPLY] = "printer-supply",
	[ATTRIBUTE_SUPPLY_DESCRIPTION] = "printer-supply-description",
	[ATTRIBUTE_MARKER_NAMES] = "marker-names",
	[ATTRIBUTE_MARKER_TYPES] = "marker-types",
	[ATTRIBUTE_MARKER_COLORS] = "marker-colors",
	[ATTRIBUTE_MARKER_LEVELS] = "marker-levels",
	[ATTRIBUTE_IMPRESSIONS] = "printer-impressions-completed",
	[ATTRIBUTE_SHEETS] = "printer-media-sheets-completed",
	[ATTRIBUTE_PAGES] = "printer-pages-completed",
	[ATTRIBUTE_IMPRESSIONS_COL] = "printer-impressions-completed-col",
	[ATTRIBUTE_SHEETS_COL] = "printer-media-sheets-completed-col",
	[ATTRIBUTE_PAGES_COL] = "printer-pages-completed-col",
	[ATTRIBUTE_INPUT_TRAY] = "printer-input-tray",
	[ATTRIBUTE_OUTPUT_TRAY] = "printer-output-tray",
	[ATTRIBUTE_SPEED] = "pages-per-minute",
	[ATTRIBUTE_SPEED_COLOR] = "pages-per-minute-color",
	[ATTRIBUTE_CURRENT_TIME] = "printer-current-time",
};

static enum reading_group group_of(enum ipp_attribute a)
{
	return a <= ATTRIBUTE_UP_TIME             ? GROUP_IDENTITY
	       : a <= ATTRIBUTE_STATE_REASONS     ? GROUP_STATE
	       : a <= ATTRIBUTE_ALERT_DESCRIPTION ? GROUP_ALERTS
	       : a <= ATTRIBUTE_MARKER_LEVELS     ? GROUP_SUPPLIES
	       : a <= ATTRIBUTE_PAGES_COL         ? GROUP_METERS
						  : GROUP_MEDIA;
}

/* The group of a malformed attribute. An attribute that is neither requested nor of one of these is
 * a setting of the printer. */
static enum reading_group group_of_name(struct text name, bool *is_requested)
{
	static const struct {
		const char *prefix;
		uint8_t group;
	} rows[] = {{"media", GROUP_MEDIA}, {"output-", GROUP_MEDIA}, {"pages-per-", GROUP_MEDIA},
		{"printer-input-", GROUP_MEDIA}, {"printer-output-", GROUP_MEDIA},
		{"marker-", GROUP_SUPPLIES}, {"printer-supply", GROUP_SUPPLIES},
		{"printer-alert", GROUP_ALERTS}, {"printer-state", GROUP_STATE},
		{"printer-impressions-", GROUP_METERS}, {"printer-media-", GROUP_METERS},
		{"printer-pages-", GROUP_METERS}, {"printer-firmware-", GROUP_IDENTITY}};
	*is_requested = true;
	for (int w = 0; w < ATTRIBUTE_FOLDED; w++) {
		if (text_is(name, attribute_names[w]))
			return group_of((enum ipp_attribute)w);
	}
	*is_requested = false;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (text_starts_with(name, rows[i].prefix))
			return (enum reading_group)rows[i].group;
	}
	return GROUP_OPTIONS;
}

static unsigned groups_of_damage(const struct ipp_damage *d)
{
	enum { ALL = (1u << GROUP_MAINTENANCE) - 1 - (1u << GROUP_OPTIONS) };
	bool is_requested;
	if (d->name.len == 0)
		return ALL;
	unsigned g = group_of_name(d->name, &is_requested);
	if (!is_requested && d->before.len > 0)
		g = group_of_name(d->before, &is_requested);
	return 1u << g;
}

static const char *const kinds[KIND_COUNT] = {"blank", "blank-two-sided", "full-color",
	"full-color-two-sided", "highlight-color", "highlight-color-two-sided", "monochrome",
	"monochrome-two-sided"};

const char *ipp_attribute_name(enum ipp_attribute w)
{
	return attribute_names[w];
}

const char *ipp_kind_name(enum ipp_kind k)
{
	return kinds[k];
}

const char *const *ipp_attribute_names(size_t *count)
{
	*count = ATTRIBUTE_COUNT;
	return attribute_names;
}

/* ---- what is kept ----------------------------------------------------------------------- */

bool ipp_fact_text(const struct ipp_facts *f, enum ipp_attribute w, unsigned nth, struct text *ret)
{
	const struct ipp_set *s = &f->set[w];
	*ret = (struct text){NULL, 0};
	return nth < s->count && ipp_text(&f->value[s->first + nth], ret) == 0;
}

bool ipp_fact_integer(const struct ipp_facts *f, enum ipp_attribute w, unsigned nth, int32_t *ret)
{
	const struct ipp_set *s = &f->set[w];
	return nth < s->count && ipp_integer(&f->value[s->first + nth], ret) == 0;
}

/* Attributes and values that cannot be used, by offset. */
static void add_damage(struct ipp_facts *f, const struct ipp_damage *d)
{
	if (f->damages++ == 0)
		f->first = *d;
	/* Other groups than the printer's have nothing for the reading. */
	if (d->group == IPP_GROUP_PRINTER)
		f->groups_damaged |= (uint8_t)groups_of_damage(d);
}

static void add_bad_value(struct ipp_facts *f, const struct ipp_item *item, const char *reason)
{
	struct ipp_damage d = {
		.at = item->at, .group = item->group, .why = reason, .name = item->name};
	add_damage(f, &d);
}

/* The value that was stored last turns out to be none. */
static void forget_last(struct ipp_facts *f)
{
	if (f->last == NULL)
		return;
	f->last->count--;
	f->value_count--;
	f->last = NULL;
}

static bool is_number(enum ipp_attribute w)
{
	return w == ATTRIBUTE_UP_TIME || w == ATTRIBUTE_STATE || w == ATTRIBUTE_MARKER_LEVELS ||
	       (w >= ATTRIBUTE_IMPRESSIONS && w <= ATTRIBUTE_PAGES) || w >= ATTRIBUTE_SPEED;
}

/* Whether a value has a type in which its attribute can be decoded. */
static bool has_type(enum ipp_attribute w, const struct ipp_value *v)
{
	struct text t;
	int32_t n;
	if (w >= ATTRIBUTE_IMPRESSIONS_COL && w <= ATTRIBUTE_PAGES_COL)
		return v->tag == IPP_BEGIN_COLLECTION;
	return is_number(w) ? ipp_integer(v, &n) == 0 : ipp_text(v, &t) == 0;
}

static void store_value(struct ipp_facts *f, enum ipp_attribute w, const struct ipp_item *item)
{
	struct ipp_set *s = &f->set[w];
	enum reading_group g = group_of(w);
	uint8_t tag = item->value.tag;
	/* RFC 8011 5.1: "unsupported": the printer does not support the attribute; "unknown": it
	 * does not know the value; "no-value": there is none. */
	if (tag == IPP_UNSUPPORTED)
		return;
	if (tag > IPP_LAST_DELIMITER && tag <= IPP_LAST_OUT_OF_BAND && tag != IPP_NO_VALUE) {
		ipp_break(f, g);
		return;
	}
	f->groups_seen |= (uint8_t)(1u << g);
	if (tag == IPP_NO_VALUE)
		return;
	if (!has_type(w, &item->value) && ipp_is_sound(&item->value))
		add_bad_value(f, item, "a value of another type");
	if (tag == IPP_BEGIN_COLLECTION)
		return;
	/* A repeated attribute, which RFC 8011 4.1.3 forbids: the first one counts. */
	s->is_over = s->is_over || (item->nth == 0 && s->count > 0);
	if (s->is_over)
		return;
	if (s->count == LIMIT_IPP_SET || f->value_count == LIMIT_IPP_KEPT) {
		ipp_break(f, g);
		return;
	}
	if (s->count == 0)
		s->first = f->value_count;
	/* A malformed one keeps its place, and cannot be read. */
	f->value[f->value_count++] =
		ipp_is_sound(&item->value) ? item->value : (struct ipp_value){.tag = IPP_NO_VALUE};
	s->count++;
	f->last = s;
}

/* A member of a -col counter. */
static void store_kind(struct ipp_facts *f, enum ipp_attribute w, const struct ipp_item *item)
{
	unsigned col = (unsigned)w - ATTRIBUTE_IMPRESSIONS_COL;
	for (unsigned k = 0; k < KIND_COUNT; k++) {
		if (!text_is(item->member, kinds[k]) || (f->has_kind[col] >> k & 1) != 0)
			continue;
		int32_t v;
		if (ipp_integer(&item->value, &v) < 0 || v < 0) {
			ipp_break(f, GROUP_METERS);
			return;
		}
		f->kind[col][k] = v;
		f->has_kind[col] |= (uint8_t)(1u << k);
		return;
	}
}

static void keep(struct ipp_facts *f, const struct ipp_item *item)
{
	f->last = NULL;
	if (!ipp_is_sound(&item->value))
		add_bad_value(f, item, "a value that is malformed");
	if (item->group != IPP_GROUP_PRINTER)
		return;
	for (int w = 0; w < ATTRIBUTE_FOLDED; w++) {
		if (!text_is(item->name, attribute_names[w]))
			continue;
		if (item->depth == 0)
			store_value(f, (enum ipp_attribute)w, item);
		else if (item->depth == 1 && w >= ATTRIBUTE_IMPRESSIONS_COL &&
			 w <= ATTRIBUTE_PAGES_COL)
			store_kind(f, (enum ipp_attribute)w, item);
		return;
	}
}

/* ---- the whole answer ------------------------------------------------------------------- */

static void set_statuses(const struct ipp_facts *f, struct reading *r, bool is_whole)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		bool is_damaged = (f->groups_damaged >> g & 1) != 0;
		bool is_seen = is_damaged || (f->groups_seen >> g & 1) != 0;
		bool is_broken = !is_whole || is_damaged || (f->groups_broken >> g & 1) != 0;
		enum group_status s = is_broken ? GROUP_FAILED : GROUP_NOT_REQUESTED;
		if (is_seen)
			s = is_broken ? GROUP_PARTIAL : GROUP_COMPLETE;
		r->group[g].status = (uint8_t)s;
	}
}

/* Keeps every value that can be read. 0, or the error that ended the reading. */
static int read_values(struct ipp_facts *f, struct ipp_reader *reader, bool *has_printer)
{
	struct ipp_item item;
	struct ipp_damage damage;
	int n;
	do {
		while ((n = ipp_next(reader, &item)) == 1) {
			*has_printer = *has_printer || item.group == IPP_GROUP_PRINTER;
			keep(f, &item);
		}
		if (n == 0 || ipp_recover(reader, &damage) == 0)
			return n;
		add_damage(f, &damage);
		if (damage.is_last_value)
			forget_last(f);
		f->last = NULL;
	} while (true);
}

static void say_damage(const struct ipp_facts *f, char *why, size_t why_cap)
{
	const struct ipp_damage *d = &f->first;
	char more[40] = "";
	struct text name = d->name.len > 0 ? d->name : TEXT("unknown attribute");
	if (f->damages > 1)
		(void)snprintf(more, sizeof more, ", and %u more", f->damages - 1);
	(void)snprintf(
		why, why_cap, "offset %zu: %s (%.*s)%s", d->at, d->why, TEXT_ARG(name), more);
}

static int decode(struct ipp_facts *f, const uint8_t *bytes, size_t len, char *why, size_t why_cap)
{
	struct ipp_reader reader;
	struct ipp_head head;
	bool has_printer = false;
	int n = ipp_open(&reader, &head, bytes, len);
	if (n == 0 && head.status >= IPP_FIRST_ERROR_STATUS) {
		(void)snprintf(why, why_cap,
			"offset 2: the printer answered with IPP status 0x%04x",
			(unsigned)head.status);
		return ERR_HTTP_STATUS;
	}
	if (n == 0)
		n = read_values(f, &reader, &has_printer);
	if (n < 0) {
		(void)snprintf(why, why_cap, "offset %zu: %s", reader.error_at, reader.why);
		return n;
	}
	if (!has_printer) {
		(void)snprintf(why, why_cap, "offset %zu: it ends and holds no printer attributes",
			reader.at);
		return ERR_FORMAT;
	}
	if (f->damages > 0)
		say_damage(f, why, why_cap);
	return (int)f->damages;
}

int ipp_decode(struct reading *r, const struct models *models, const uint8_t *bytes, size_t len,
	char *why, size_t why_cap)
{
	struct ipp_facts f;
	memset(&f, 0, sizeof f);
	f.models = models;
	if (why_cap > 0)
		why[0] = '\0';
	int err = decode(&f, bytes, len, why, why_cap);
	ipp_decode_identity(&f, r);
	ipp_decode_meters(&f, r);
	ipp_decode_supplies(&f, r);
	ipp_conclude_vendor(&f, r);
	ipp_decode_alerts(&f, r);
	ipp_conclude_receptacles(&f, r);
	ipp_decode_state(&f, r);
	ipp_decode_media(&f, r);
	r->identity.is_printer = f.groups_seen != 0;
	r->identity.why = f.groups_seen != 0 ? WHY_IPP : WHY_NOTHING;
	r->sources |= SOURCE_IPP;
	set_statuses(&f, r, err >= 0);
	return err;
}
