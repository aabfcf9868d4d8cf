/* SPDX-License-Identifier: Apache-2.0
 * Supplies and alerts of an IPP response. printer-supply and printer-alert are rows of the
 * Printer-MIB as text, "type=toner;maxcapacity=100;level=67;colorantname=cyan;"; their descriptions
 * are in another attribute in the same order. The older marker-* arrays of CUPS are used if
 * printer-supply is missing. */
#include "proto/ipp/ipp_internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { UNIT_PERCENT = 19, CODE_UNKNOWN = 2 };

static struct text copy_text(struct reading *r, struct text t, size_t max)
{
	return reading_text(r, (const uint8_t *)t.p, t.len, max);
}

/* ---- supplies --------------------------------------------------------------------------- */

/* PWG 5100.13 makes the class optional; the type implies it. */
static uint8_t class_of_type(unsigned type)
{
	const char *name = supply_type_name(type);
	if (type < 3 || strcmp(name, "unknown") == 0)
		return 0; /* other, unknown, absent, or an unknown number */
	return strncmp(name, "waste_", 6) == 0 ? CLASS_RECEPTACLE : CLASS_CONSUMED;
}

/* The word after "PN " or "S/N:" in a description. */
static struct text word_behind(struct text t, const char *mark)
{
	size_t n = strlen(mark);
	for (size_t i = 0; i + n < t.len; i++) {
		bool is_start = i == 0 || !isalnum((unsigned char)t.p[i - 1]);
		bool is_end = !isalnum((unsigned char)t.p[i + n]);
		if (!is_start || !is_end || strncasecmp(t.p + i, mark, n) != 0)
			continue;
		size_t at = i + n;
		while (at < t.len && (t.p[at] == ':' || t.p[at] == '#' || t.p[at] == ' '))
			at++;
		size_t len = 0;
		while (at + len < t.len &&
			(isalnum((unsigned char)t.p[at + len]) || t.p[at + len] == '-'))
			len++;
		struct text word = {t.p + at, len};
		return len >= 3 ? text_known(word) : (struct text){NULL, 0};
	}
	return (struct text){NULL, 0};
}

static void set_description(struct reading *r, struct supply *s, struct text description)
{
	static const char *const part_marks[] = {"PN", "P/N"}, *const serial_marks[] = {
								       "SN", "S/N"};
	s->description = copy_text(r, text_known(description), LIMIT_TEXT);
	for (unsigned i = 0; i < 2; i++) {
		struct text part = word_behind(s->description, part_marks[i]);
		struct text serial = word_behind(s->description, serial_marks[i]);
		if (s->part.len == 0 && part.len > 0)
			s->part = copy_text(r, part, LIMIT_TEXT_SHORT);
		if (s->serial.len == 0 && serial.len > 0)
			s->serial = copy_text(r, serial, LIMIT_TEXT_SHORT);
	}
}

static void set_colorant(struct reading *r, struct supply *s, struct text name)
{
	char low[LIMIT_TEXT_SHORT];
	struct text color;
	if (colorant_of_rgb(name, &color)) {
		s->colorant = color;
		return;
	}
	if (text_is_placeholder(name))
		return;
	s->colorant = reading_colorant_of(name);
	if (s->colorant.len > 0)
		return;
	size_t n = name.len < sizeof low ? name.len : sizeof low;
	for (size_t i = 0; i < n; i++)
		low[i] = (char)tolower((unsigned char)name.p[i]);
	s->colorant = reading_text(r, (const uint8_t *)low, n, LIMIT_TEXT_SHORT);
}

/* One pair of printer-supply. False: a value that is no number, or an unknown word. */
static bool decode_supply_pair(
	struct reading *r, struct supply *s, struct text key, struct text value)
{
	int32_t number = 0;
	bool is_number = ipp_number(value, &number) == 0;
	int word = 0;
	if (text_is(key, "type") || key.len == 0) {
		word = ipp_supply_type(value);
		s->type = (uint8_t)(word > 0 ? word : 0);
	} else if (text_is(key, "class")) {
		word = ipp_supply_class(value);
		s->supply_class = (uint8_t)(word > 0 ? word : 0);
	} else if (text_is(key, "unit")) {
		word = ipp_supply_unit(value);
		s->unit = (uint8_t)(word > 0 ? word : 0);
	} else if (text_is(key, "maxcapacity")) {
		s->max = number;
		return s->has_max = is_number;
	} else if (text_is(key, "level")) {
		s->level = number;
		return s->has_level = is_number;
	} else if (text_is(key, "index")) {
		s->index = number > 0 ? (uint32_t)number : 0;
		return is_number;
	} else if (text_is(key, "colorantindex")) {
		s->colorant_index = number > 0 ? (uint32_t)number : 0;
		return is_number;
	} else if (text_is(key, "colorantname")) {
		set_colorant(r, s, value);
	}
	return word >= 0;
}

static void decode_printer_supply(struct ipp_facts *f, struct reading *r)
{
	struct text rest, key, value, description;
	for (unsigned i = 0; i < f->set[ATTRIBUTE_SUPPLY].count; i++) {
		if (!ipp_fact_text(f, ATTRIBUTE_SUPPLY, i, &rest)) {
			ipp_break(f, GROUP_SUPPLIES);
			continue;
		}
		struct supply *s = NULL;
		while (text_take_pair(&rest, '=', &key, &value)) {
			if (s == NULL && (s = reading_add_supply(r)) == NULL) {
				ipp_break(f, GROUP_SUPPLIES);
				return;
			}
			if (!decode_supply_pair(r, s, key, value))
				ipp_break(f, GROUP_SUPPLIES);
		}
		if (s == NULL)
			continue; /* some printers send an empty value instead of none */
		if (s->supply_class == 0)
			s->supply_class = class_of_type(s->type);
		if (ipp_fact_text(f, ATTRIBUTE_SUPPLY_DESCRIPTION, i, &description))
			set_description(r, s, description);
	}
}

/* marker-levels are percentages; -1 means "unavailable" there, not RFC 3805's "unlimited". */
static void decode_marker_level(struct supply *s, int32_t level)
{
	s->has_level = level != -1;
	s->level = s->has_level ? level : 0;
	if (s->has_level) {
		s->unit = UNIT_PERCENT;
		s->has_max = true;
		s->max = 100;
	}
}

static void decode_markers(struct ipp_facts *f, struct reading *r)
{
	unsigned rows = 0;
	for (int w = ATTRIBUTE_MARKER_NAMES; w <= ATTRIBUTE_MARKER_LEVELS; w++) {
		unsigned n = f->set[w].count;
		if (n != 0 && rows != 0 && n != rows)
			ipp_break(f, GROUP_SUPPLIES);
		rows = n > rows ? n : rows;
	}
	for (unsigned i = 0; i < rows; i++) {
		struct supply *s = reading_add_supply(r);
		struct text t;
		int32_t level;
		if (s == NULL) {
			ipp_break(f, GROUP_SUPPLIES);
			return;
		}
		if (ipp_fact_text(f, ATTRIBUTE_MARKER_TYPES, i, &t)) {
			int type = ipp_supply_type(t);
			s->type = (uint8_t)(type > 0 ? type : 0);
			s->supply_class = class_of_type(s->type);
		}
		if (ipp_fact_text(f, ATTRIBUTE_MARKER_COLORS, i, &t))
			set_colorant(r, s, t);
		if (ipp_fact_text(f, ATTRIBUTE_MARKER_NAMES, i, &t))
			set_description(r, s, t);
		if (ipp_fact_integer(f, ATTRIBUTE_MARKER_LEVELS, i, &level))
			decode_marker_level(s, level);
	}
}

/* Defines number_NAME: indexes as the printer gave them if they are unique, else positions. */
#define DEFINE_NUMBERING(name, list)                                                               \
	static void number_##name(struct reading *r)                                               \
	{                                                                                          \
		bool is_unique = true;                                                             \
		uint32_t place = 0;                                                                \
		for (const struct name *a = r->list; a != NULL && is_unique; a = a->next) {        \
			is_unique = a->index != 0;                                                 \
			for (const struct name *b = a->next; b != NULL && is_unique; b = b->next)  \
				is_unique = b->index != a->index;                                  \
		}                                                                                  \
		for (struct name *a = r->list; a != NULL && !is_unique; a = a->next)               \
			a->index = ++place;                                                        \
	}

DEFINE_NUMBERING(supply, supplies)
DEFINE_NUMBERING(alert, alerts)

/* ---- receptacles ------------------------------------------------------------------------ */

/* "marker-waste-almost-full", "marker-waste-toner-receptacle-full" (RFC 8011, PWG 5100.9), vendors'
 * "maintenance-box-full". */
static enum level_kind state_of_receptacle(struct text reason, const struct supply *s)
{
	enum { WASTE_TONER = 4, WASTE_INK = 8 };
	bool is_waste = ipp_has_word(reason, "waste") || ipp_has_word(reason, "maintenance-box") ||
			ipp_has_word(reason, "ink-absorber");
	bool is_other = (s->type == WASTE_TONER && ipp_has_word(reason, "ink")) ||
			(s->type == WASTE_INK && ipp_has_word(reason, "toner"));
	if (!is_waste || is_other || !ipp_has_word(reason, "full"))
		return LEVEL_UNKNOWN;
	return ipp_has_word(reason, "almost") || ipp_has_word(reason, "near") ? LEVEL_ALMOST_FULL
									      : LEVEL_FULL;
}

static void apply_reasons(const struct ipp_facts *f, struct supply *s)
{
	struct text reason;
	for (unsigned i = 0; i < f->set[ATTRIBUTE_STATE_REASONS].count; i++) {
		if (!ipp_fact_text(f, ATTRIBUTE_STATE_REASONS, i, &reason))
			continue;
		enum level_kind kind = state_of_receptacle(reason, s);
		if (kind == LEVEL_FULL ||
			(kind == LEVEL_ALMOST_FULL && s->level_kind != LEVEL_FULL))
			s->level_kind = (uint8_t)kind;
	}
}

void ipp_conclude_receptacles(const struct ipp_facts *f, struct reading *r)
{
	for (struct supply *s = r->supplies; s != NULL; s = s->next) {
		if (supply_is_receptacle(s))
			apply_reasons(f, s);
	}
	reading_apply_alerts(r);
}

void ipp_decode_supplies(struct ipp_facts *f, struct reading *r)
{
	decode_printer_supply(f, r);
	if (r->supply_count == 0)
		decode_markers(f, r);
	number_supply(r);
	for (struct supply *s = r->supplies; s != NULL; s = s->next) {
		s->source = SOURCE_IPP;
		s->colorant = reading_finer_colorant(s->colorant, s->description);
		if (s->supply_class != CLASS_OTHER && supply_is_receptacle(s))
			s->supply_class = CLASS_RECEPTACLE;
		supply_set_level_kind(s);
	}
}

/* ---- alerts ----------------------------------------------------------------------------- */

/* One pair of printer-alert. False: a value that is no number, or an unknown word. */
static bool decode_alert_pair(
	struct reading *r, struct alert *a, struct text key, struct text value)
{
	int32_t number = 0;
	bool is_number = ipp_number(value, &number) == 0;
	int word = 0;
	if (text_is(key, "code") || key.len == 0) {
		word = ipp_alert_code(value);
		a->code = word > 0 ? word : CODE_UNKNOWN;
		/* A vendor's keyword serves as description until printer-alert-description replaces
		 * it. */
		if (word < 0)
			a->description = copy_text(r, value, LIMIT_TEXT);
		return true;
	}
	if (text_is(key, "severity")) {
		word = ipp_alert_severity(value);
		a->severity = word > 0 ? word : 0;
	} else if (text_is(key, "training")) {
		word = ipp_alert_training(value);
		a->training = word > 0 ? word : 0;
	} else if (text_is(key, "group")) {
		word = ipp_alert_group(value);
		a->group = word > 0 ? word : 0;
	} else if (text_is(key, "index")) {
		a->index = number > 0 ? (uint32_t)number : 0;
		return is_number;
	} else if (text_is(key, "groupindex")) {
		a->group_index = number;
		return is_number;
	} else if (text_is(key, "location")) {
		a->location = number;
		return is_number;
	} else if (text_is(key, "time")) {
		a->time_cs = number > 0 ? (uint32_t)number : 0;
		return is_number;
	}
	return word >= 0;
}

void ipp_decode_alerts(struct ipp_facts *f, struct reading *r)
{
	struct text rest, key, value, description;
	for (unsigned i = 0; i < f->set[ATTRIBUTE_ALERT].count; i++) {
		if (!ipp_fact_text(f, ATTRIBUTE_ALERT, i, &rest)) {
			ipp_break(f, GROUP_ALERTS);
			continue;
		}
		struct alert *a = NULL;
		while (text_take_pair(&rest, '=', &key, &value)) {
			if (a == NULL && (a = reading_add_alert(r)) == NULL) {
				ipp_break(f, GROUP_ALERTS);
				return;
			}
			if (!decode_alert_pair(r, a, key, value))
				ipp_break(f, GROUP_ALERTS);
		}
		if (a != NULL && ipp_fact_text(f, ATTRIBUTE_ALERT_DESCRIPTION, i, &description) &&
			!text_is_placeholder(description))
			a->description = copy_text(r, description, LIMIT_TEXT_LONG);
	}
	number_alert(r);
}
