/* SPDX-License-Identifier: Apache-2.0
 * Trays, bins and rated speed of an IPP response. printer-input-tray and printer-output-tray (PWG
 * 5100.13) are rows of prtInputTable and prtOutputTable as text:
 * "type=sheetFeedManual;unit=sheets;maxcapacity=100;level=-2;status=0;name=Tray 1;". */
#include "proto/ipp/ipp_internal.h"

enum { UNIT_SHEETS = 8 };

/* A number of RFC 3805: -1 other, -2 unknown, -3 at least one. */
static bool decode_amount(struct text value, bool *has, int32_t *ret)
{
	int32_t n;
	if (ipp_number(value, &n) < 0 || n < -3)
		return false;
	*has = true;
	*ret = n;
	return true;
}

/* One pair of a tray or a bin. False: a value that is no number, or an unknown word. */
static bool decode_pair(struct reading *r, struct subunit *s, struct text key, struct text value)
{
	int word = 0;
	if (text_is(key, "type")) {
		word = s->kind == SUBUNIT_TRAY ? ipp_tray_type(value) : ipp_bin_type(value);
		s->type = (uint8_t)(word > 0 ? word : 0);
	} else if (text_is(key, "unit")) {
		word = ipp_capacity_unit(value);
		s->unit = (uint8_t)(word > 0 ? word : 0);
	} else if (text_is(key, "maxcapacity")) {
		return decode_amount(value, &s->has_max, &s->max);
	} else if (text_is(key, s->kind == SUBUNIT_TRAY ? "level" : "remaining")) {
		return decode_amount(value, &s->has_level, &s->level);
	} else if (text_is(key, "status")) {
		s->has_status = ipp_number(value, &s->status) == 0;
		return s->has_status;
	} else if (text_is(key, "name")) {
		struct text name = text_known(value);
		s->name = reading_text(r, (const uint8_t *)name.p, name.len, LIMIT_TEXT);
	}
	return word >= 0;
}

static void decode_rows(
	struct ipp_facts *f, struct reading *r, enum ipp_attribute w, enum subunit_kind kind)
{
	struct text rest, key, value;
	uint32_t place = 0;
	for (unsigned i = 0; i < f->set[w].count; i++) {
		if (!ipp_fact_text(f, w, i, &rest)) {
			ipp_break(f, GROUP_MEDIA);
			continue;
		}
		struct subunit *s = NULL;
		while (text_take_pair(&rest, '=', &key, &value)) {
			if (s == NULL && (s = reading_add_subunit(r)) == NULL) {
				ipp_break(f, GROUP_MEDIA);
				return;
			}
			s->kind = (uint8_t)kind;
			s->index = place + 1;
			if (!decode_pair(r, s, key, value))
				ipp_break(f, GROUP_MEDIA);
		}
		if (s == NULL)
			continue; /* some printers send an empty value instead of none */
		place++;
		/* PWG 5100.13: without a unit the numbers are sheets. */
		if (s->unit == 0)
			s->unit = UNIT_SHEETS;
	}
}

static void decode_speed(struct ipp_facts *f, enum ipp_attribute w, uint16_t *ret)
{
	int32_t n;
	if (f->set[w].count == 0)
		return;
	if (ipp_fact_integer(f, w, 0, &n) && n >= 0 && n <= UINT16_MAX)
		*ret = (uint16_t)n;
	else
		ipp_break(f, GROUP_MEDIA);
}

void ipp_decode_media(struct ipp_facts *f, struct reading *r)
{
	decode_rows(f, r, ATTRIBUTE_INPUT_TRAY, SUBUNIT_TRAY);
	decode_rows(f, r, ATTRIBUTE_OUTPUT_TRAY, SUBUNIT_BIN);
	decode_speed(f, ATTRIBUTE_SPEED, &r->pages_per_minute);
	decode_speed(f, ATTRIBUTE_SPEED_COLOR, &r->pages_per_minute_color);
}
