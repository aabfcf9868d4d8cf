/* SPDX-License-Identifier: Apache-2.0
 * Readings from a seed, for tests, vectors and benchmarks. Two kinds: reading_make_wild fills every
 * field with anything that the types and limits allow; reading_make_printer looks like a colour
 * machine of today (about 350 values), different for every number. */
#ifndef PLATEN_TESTS_VECTORS_READINGS_H
#define PLATEN_TESTS_VECTORS_READINGS_H

#include "proto/wire/pack.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* splitmix64: the same numbers on every machine. */
static inline uint64_t dice(uint64_t *seed)
{
	uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static inline uint64_t dice_below(uint64_t *seed, uint64_t n)
{
	return dice(seed) % n;
}

/* A number of any magnitude. */
static inline uint64_t dice_wide(uint64_t *seed, unsigned bits)
{
	unsigned shift = 64 - (unsigned)dice_below(seed, bits + 1);
	return shift == 64 ? 0 : dice(seed) >> shift;
}

/* Text that scrubbing leaves as it is: no controls, no outer blanks. Often absent. */
static inline struct text dice_text(uint64_t *seed, struct reading *r, size_t max)
{
	static const char *const letters[] = {"a", "B", "7", "-", "\xc3\xa9", "\xe6\xb8\xac",
		"\xf0\x9f\x96\xa8", "/", "\"", "\\"};
	char s[LIMIT_TEXT_LONG + 8];
	size_t n = 0;
	size_t want = dice_below(seed, 4) == 0 ? 0 : dice_below(seed, max + 1);
	for (;;) {
		const char *c = letters[dice_below(seed, 10)];
		if (n + strlen(c) > want)
			break;
		memcpy(s + n, c, strlen(c));
		n += strlen(c);
	}
	if (n == 0)
		return (struct text){NULL, 0};
	return reading_text(r, (const uint8_t *)s, n, max);
}

static inline struct text dice_oid(uint64_t *seed, struct reading *r)
{
	char s[LIMIT_TEXT];
	int n = snprintf(s, sizeof s, "1.3.6.1");
	for (uint64_t i = dice_below(seed, 12); i > 0; i--)
		n += snprintf(s + n, sizeof s - (size_t)n, ".%u", (unsigned)dice_wide(seed, 32));
	return reading_text(r, (const uint8_t *)s, (size_t)n, LIMIT_TEXT);
}

static inline void wild_identity(uint64_t *seed, struct reading *r)
{
	struct identity *id = &r->identity;
	id->is_printer = dice(seed) & 1;
	id->vendor = dice_text(seed, r, 40);
	id->model = dice_text(seed, r, 60);
	id->serial = dice_text(seed, r, 20);
	id->sys_descr = dice_text(seed, r, LIMIT_TEXT);
	id->sys_object_id = dice_oid(seed, r);
	id->name = dice_text(seed, r, 20);
	id->uptime_cs = (uint32_t)dice_wide(seed, 32);
	id->why = (uint8_t)dice_below(seed, WHY_COUNT);
	id->confidence = (uint8_t)dice_below(seed, 101);
	id->device_id = dice_text(seed, r, LIMIT_TEXT);
	char mac[18];
	uint64_t v = dice(seed);
	(void)snprintf(mac, sizeof mac, "%02x:%02x:%02x:%02x:%02x:%02x", (unsigned)(v & 255),
		(unsigned)(v >> 8 & 255), (unsigned)(v >> 16 & 255), (unsigned)(v >> 24 & 255),
		(unsigned)(v >> 32 & 255), (unsigned)(v >> 40 & 255));
	id->mac = reading_text(r, (const uint8_t *)mac, 17, LIMIT_TEXT);
	for (uint64_t n = dice_below(seed, 4); n > 0; n--) {
		struct firmware *f = reading_add_firmware(r);
		if (f == NULL)
			break;
		f->name = dice_text(seed, r, 12);
		f->version = dice_text(seed, r, 20);
	}
}

static inline void wild_tables(uint64_t *seed, struct reading *r, uint64_t rows)
{
	for (uint64_t n = dice_below(seed, rows); n > 0; n--) {
		struct meter *m = reading_add_meter(r);
		if (m == NULL)
			break;
		m->name = (uint8_t)dice_below(seed, METER_NAME_COUNT);
		m->unit = (uint8_t)dice_below(seed, 20);
		m->quality = (uint8_t)dice_below(seed, QUALITY_COUNT);
		m->value = dice_wide(seed, 64);
		m->label = dice_text(seed, r, 30);
		m->source = dice_oid(seed, r);
		if (dice_below(seed, 8) == 0)
			m->parts = dice_text(seed, r, 100);
	}
	for (uint64_t n = dice_below(seed, rows); n > 0; n--) {
		struct supply *s = reading_add_supply(r);
		if (s == NULL)
			break;
		s->device = (uint32_t)dice_wide(seed, 32);
		s->index = (uint32_t)dice_wide(seed, 32);
		s->type = (uint8_t)dice_below(seed, 40);
		s->supply_class = (uint8_t)dice_below(seed, 6);
		s->unit = (uint8_t)dice_below(seed, 22);
		s->level_kind = (uint8_t)dice_below(seed, LEVEL_KIND_COUNT);
		s->has_level = dice(seed) & 1;
		s->has_max = dice(seed) & 1;
		s->level = s->has_level ? (int32_t)dice_wide(seed, 32) : 0;
		s->max = s->has_max ? (int32_t)dice_wide(seed, 32) : 0;
		s->colorant_index = (uint32_t)dice_below(seed, 8);
		s->colorant = dice_text(seed, r, 12);
		s->description = dice_text(seed, r, 60);
		s->part = dice_text(seed, r, 12);
		s->serial = dice_text(seed, r, 16);
		s->source = dice(seed) & 1 ? SOURCE_IPP : 0;
		if (dice_below(seed, 4) == 0)
			s->level_source = dice_oid(seed, r);
		s->direction = (uint8_t)dice_below(seed, DIRECTION_COUNT);
		if (s->direction == DIRECTION_UNKNOWN && supply_is_receptacle(s))
			s->level_kind = LEVEL_DIRECTION_UNKNOWN;
	}
	for (uint64_t n = dice_below(seed, rows); n > 0; n--) {
		struct alert *a = reading_add_alert(r);
		if (a == NULL)
			break;
		a->device = (uint32_t)dice_wide(seed, 32);
		a->index = (uint32_t)dice_wide(seed, 32);
		a->severity = (int32_t)dice_wide(seed, 32);
		a->training = (int32_t)dice_below(seed, 9);
		a->group = (int32_t)dice_below(seed, 40);
		a->group_index = (int32_t)dice_wide(seed, 32);
		a->location = (int32_t)dice_wide(seed, 32);
		a->code = (int32_t)dice_below(seed, 32000);
		a->time_cs = (uint32_t)dice_wide(seed, 32);
		a->description = dice_text(seed, r, 80);
	}
}

/* Not known, or a number of any magnitude. */
static inline int64_t dice_amount(uint64_t *seed, unsigned bits)
{
	return dice_below(seed, 4) == 0 ? -1 : (int64_t)dice_wide(seed, bits);
}

static inline void wild_options(uint64_t *seed, struct reading *r, uint64_t rows)
{
	for (uint64_t n = dice_below(seed, rows); n > 0; n--) {
		struct option *o = reading_add_option(r);
		if (o == NULL)
			break;
		o->kind = (uint8_t)dice_below(seed, OPTION_KIND_COUNT);
		o->device = (uint32_t)dice_wide(seed, 32);
		o->index = (uint32_t)dice_wide(seed, 32);
		o->name = dice_text(seed, r, 30);
		o->value = dice_text(seed, r, 30);
	}
}

static inline void wild_subunits(uint64_t *seed, struct reading *r, uint64_t rows)
{
	for (uint64_t n = dice_below(seed, rows); n > 0; n--) {
		struct subunit *s = reading_add_subunit(r);
		if (s == NULL)
			break;
		s->kind = (uint8_t)dice_below(seed, SUBUNIT_KIND_COUNT);
		s->type = (uint8_t)dice_below(seed, 9);
		s->unit = (uint8_t)dice_below(seed, 22);
		s->device = (uint32_t)dice_wide(seed, 32);
		s->index = (uint32_t)dice_wide(seed, 32);
		s->has_status = dice(seed) & 1;
		s->has_level = dice(seed) & 1;
		s->has_max = dice(seed) & 1;
		s->status = s->has_status ? (int32_t)dice_wide(seed, 32) : 0;
		s->level = s->has_level ? (int32_t)dice_wide(seed, 32) : 0;
		s->max = s->has_max ? (int32_t)dice_wide(seed, 32) : 0;
		s->name = dice_text(seed, r, 20);
		s->description = dice_text(seed, r, 40);
		s->media = dice_text(seed, r, 20);
	}
	r->pages_per_minute = (uint16_t)dice_wide(seed, 16);
	r->pages_per_minute_color = (uint16_t)dice_wide(seed, 16);
}

static inline void wild_maintenance(uint64_t *seed, struct reading *r, uint64_t rows)
{
	for (uint64_t n = dice_below(seed, rows); n > 0; n--) {
		struct maintenance *m = reading_add_maintenance(r);
		if (m == NULL)
			break;
		m->device = (uint32_t)dice_wide(seed, 32);
		m->index = (uint32_t)dice_wide(seed, 32);
		m->type = (uint8_t)dice_below(seed, 40);
		m->unit = (uint8_t)dice_below(seed, 22);
		m->life = dice_amount(seed, 63);
		m->used = dice_amount(seed, 63);
		m->left = dice_amount(seed, 63);
		m->percent_x100 = (int32_t)dice_amount(seed, 31);
		m->name = dice_text(seed, r, 30);
		m->colorant = dice_text(seed, r, 12);
		m->installed = dice_text(seed, r, 10);
		m->source = dice(seed) & 1 ? dice_oid(seed, r) : (struct text){NULL, 0};
	}
}

static inline void reading_make_wild(struct reading *r, uint64_t seed, uint64_t read_at_ms)
{
	wild_identity(&seed, r);
	wild_tables(&seed, r, 1 + dice_below(&seed, 20));
	wild_options(&seed, r, 1 + dice_below(&seed, 20));
	wild_subunits(&seed, r, 1 + dice_below(&seed, 20));
	wild_maintenance(&seed, r, 1 + dice_below(&seed, 20));
	r->state.device_status = (uint8_t)dice_below(&seed, 7);
	r->state.printer_status = (uint8_t)dice_below(&seed, 7);
	r->state.has_errors = dice(&seed) & 1;
	r->state.errors = r->state.has_errors ? (uint16_t)dice(&seed) : 0;
	r->state.critical_events = (uint32_t)dice_wide(&seed, 32);
	r->state.all_events = (uint32_t)dice_wide(&seed, 32);
	r->state.console = dice_text(&seed, r, 300);
	r->state.service_mode = (uint8_t)dice_below(&seed, 3);
	for (int g = 0; g < GROUP_COUNT; g++) {
		struct group_info *info = &r->group[g];
		info->status = (uint8_t)dice_below(&seed, GROUP_STATUS_COUNT);
		info->sources = (uint8_t)(1 + dice_below(&seed, SOURCE_SNMP | SOURCE_IPP));
		r->sources |= info->sources;
		if (info->status == GROUP_NOT_REQUESTED)
			continue;
		/* Also a clock that was set back between asking and packing. */
		info->requested_at_ms = read_at_ms + 500 - dice_below(&seed, 100000);
		if (info->status != GROUP_FAILED)
			info->responded_at_ms = info->requested_at_ms + dice_below(&seed, 5000);
	}
}

static inline struct text say(struct reading *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
static inline struct text say(struct reading *r, const char *fmt, ...)
{
	char s[LIMIT_TEXT + 1];
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(s, sizeof s, fmt, args);
	va_end(args);
	return reading_text(r, (const uint8_t *)s, (size_t)n, LIMIT_TEXT);
}

static inline void printer_options(uint64_t *seed, struct reading *r)
{
	static const char *const options[][2] = {{"PCL 6", "1.0"}, {"PostScript", "3018.101"},
		{"Port 9100", ""}, {"IPP", "2.0"}, {"Memory", "2048 MiB"}, {"Finisher", "BR"}};
	static const uint8_t kinds[] = {OPTION_INTERPRETER, OPTION_INTERPRETER, OPTION_CHANNEL,
		OPTION_CHANNEL, OPTION_MEMORY, OPTION_FINISHER};
	for (uint32_t i = 0; i < sizeof kinds; i++) {
		struct option *o = reading_add_option(r);
		o->kind = kinds[i];
		o->device = 1;
		o->index = i + 1;
		o->name = text_of(options[i][0]);
		o->value = text_of(options[i][1]);
	}
	struct option *o = reading_add_option(r);
	o->kind = OPTION_SETTING;
	o->index = 1;
	o->name = text_of("Power saver");
	o->value = say(r, "%u min", 5 + (unsigned)dice_below(seed, 4) * 5);
}

static inline void printer_media(uint64_t *seed, struct reading *r)
{
	static const char *const names[] = {"Tray 1", "Tray 2", "Bypass", "Center Tray", "Door A"};
	for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct subunit *s = reading_add_subunit(r);
		s->kind = i < 3 ? SUBUNIT_TRAY : i == 3 ? SUBUNIT_BIN : SUBUNIT_COVER;
		s->type = i < 2 ? 3 : i == 2 ? 5 : i == 3 ? 4 : 0;
		s->device = 1;
		s->index = i < 3 ? i + 1 : 1;
		s->has_status = true;
		s->status = s->kind == SUBUNIT_COVER ? 4 : 0;
		s->has_level = s->has_max = s->kind != SUBUNIT_COVER;
		s->max = s->has_max ? 520 : 0;
		s->level = s->has_level ? (int32_t)dice_below(seed, 521) : 0;
		s->unit = s->has_max ? 8 : 0;
		s->name = text_of(names[i]);
		s->media = text_of(s->kind == SUBUNIT_TRAY ? "iso_a4_white" : NULL);
	}
	r->pages_per_minute = r->pages_per_minute_color = 35;
}

static inline void printer_maintenance(uint64_t *seed, struct reading *r, uint64_t total)
{
	static const char *const names[] = {"Fuser", "Transfer Belt"};
	for (uint32_t i = 0; i < 2; i++) {
		struct maintenance *m = reading_add_maintenance(r);
		m->device = 1;
		m->index = 20 + i;
		m->type = i == 0 ? 15 : 20;
		m->unit = 7;
		m->life = 160000;
		m->used = (int64_t)(total % 160000);
		m->left = m->life - m->used;
		m->percent_x100 = (int32_t)(m->left * 10000 / m->life);
		m->name = text_of(names[i]);
		m->installed = say(r, "20%02u-03-04", 20 + (unsigned)dice_below(seed, 6));
	}
}

/* Printer `number` of a fleet, after `days` days of work. */
static inline void reading_make_printer(
	struct reading *r, uint64_t number, uint64_t days, uint64_t read_at_ms)
{
	static const char *const colors[] = {"black", "cyan", "magenta", "yellow"};
	uint64_t seed = number * 977 + 5;
	struct identity *id = &r->identity;
	id->is_printer = true;
	id->why = WHY_PRINTER_MIB;
	id->confidence = 100;
	id->vendor = text_of("Xerox");
	id->model = say(r, "AltaLink C81%02" PRIu64, 30 + dice_below(&seed, 5) * 10);
	id->serial = say(r, "3TX%06" PRIu64, 100000 + dice_below(&seed, 800000));
	id->sys_descr = say(r,
		"Xerox AltaLink C8135; SS 111.009.009.%05" PRIu64
		", NC 111.009.24300, UI 111.009.24300, "
		"ME 063.022.000, CC 111.009.24300, DF 007.026.000, FI 032.060.000",
		24000 + dice_below(&seed, 40) * 100);
	id->sys_object_id = text_of("1.3.6.1.4.1.253.8.62.1.38.12.1.4.1.1");
	id->mac = say(r, "9c:93:4e:%02" PRIx64 ":00:01", dice_below(&seed, 256));
	id->uptime_cs = (uint32_t)(dice_below(&seed, 40000000) + days * 8640000);
	static const char *const parts[] = {"system", "network", "ui", "engine", "copier"};
	for (size_t i = 0; i < 5; i++) {
		struct firmware *f = reading_add_firmware(r);
		f->name = text_of(parts[i]);
		f->version = say(r, "111.009.%05" PRIu64, 24000 + dice_below(&seed, 40) * 100);
	}
	uint64_t total = dice_below(&seed, 900000) + days * (20 + dice_below(&seed, 400));
	for (unsigned i = 0; i < 20; i++) {
		struct meter *m = reading_add_meter(r);
		m->name = (uint8_t)i;
		m->unit = i == 3 || i == 4 ? 8 : 7;
		m->value = total * (20 - i) / 20;
		m->source = say(r, "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.%" PRIu64, (uint64_t)i + 1);
	}
	for (unsigned i = 0; i < 9; i++) {
		struct supply *s = reading_add_supply(r);
		s->device = 1;
		s->index = i + 1;
		s->type = i < 4 ? 3 : i < 8 ? 9 : 4;
		s->supply_class = i < 8 ? 3 : 4;
		s->unit = i < 4 ? 7 : 19;
		s->has_level = s->has_max = true;
		s->max = i < 4 ? 26000 : 100;
		s->level = (int32_t)dice_below(&seed, (uint64_t)s->max + 1);
		s->colorant_index = i < 4 ? i + 1 : 0;
		s->colorant = text_of(i < 4 ? colors[i] : NULL);
		s->description =
			i < 4 ? say(r, "Toner Cartridge, PN 006R01746 %" PRIu64, (uint64_t)i)
			      : say(r, "Drum Cartridge R%" PRIu64 ", PN 013R00681",
					(uint64_t)i - 3);
		s->part = text_of(i < 4 ? "006R01746" : "013R00681");
		s->direction = i < 8 ? DIRECTION_UNKNOWN : DIRECTION_SPACE_LEFT;
		supply_set_level_kind(s);
	}
	uint64_t alerts = dice_below(&seed, 3);
	for (uint64_t i = 0; i < alerts; i++) {
		struct alert *a = reading_add_alert(r);
		a->device = 1;
		a->index = (uint32_t)(i + 1 + dice_below(&seed, 300));
		a->severity = 4;
		a->training = 3;
		a->group = 11;
		a->group_index = (int32_t)i + 1;
		a->location = -2;
		a->code = 1104;
		a->time_cs = id->uptime_cs - 5000;
		a->description = text_of("09-593-00 Black Toner is low. Order Toner.");
	}
	r->state.device_status = 2;
	r->state.printer_status = 3;
	r->state.has_errors = true;
	r->state.errors = r->alert_count > 0 ? 1u << 13 : 0;
	r->state.critical_events = (uint32_t)dice_below(&seed, 400);
	r->state.all_events = r->state.critical_events + 50;
	r->state.service_mode = 1;
	printer_options(&seed, r);
	printer_media(&seed, r);
	printer_maintenance(&seed, r, total);
	uint64_t at = read_at_ms - 900;
	for (int g = 0; g < GROUP_COUNT; g++) {
		r->group[g].status = GROUP_COMPLETE;
		r->group[g].requested_at_ms = at;
		at += 20 + dice_below(&seed, 120);
		r->group[g].responded_at_ms = at;
	}
}

#endif
