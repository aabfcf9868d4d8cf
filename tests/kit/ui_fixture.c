/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/ui_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct text ui_fixture_text(struct reading *r, const char *text)
{
	return reading_text(r, (const uint8_t *)text, strlen(text), LIMIT_TEXT);
}

static struct meter *add_meter(struct reading *r, enum meter_name name, uint64_t value)
{
	struct meter *m = reading_add_meter(r);
	assert_non_null(m);
	m->name = (uint8_t)name;
	m->unit = 7;
	m->value = value;
	m->source = ui_fixture_text(r, "1.3.6.1.2.1.43.10.2.1.4.1.1");
	return m;
}

void ui_fixture_add_supply(struct reading *r, uint32_t index, const char *colorant, int32_t level)
{
	struct supply *s = reading_add_supply(r);
	assert_non_null(s);
	s->device = 1;
	s->index = index;
	s->type = 3;
	s->supply_class = 3;
	s->unit = 7;
	s->has_level = s->has_max = true;
	s->level = level;
	s->max = 26000;
	s->colorant = ui_fixture_text(r, colorant);
	s->description = ui_fixture_text(r, "Toner Cartridge");
	supply_set_level_kind(s);
}

void ui_fixture_add_alert(struct reading *r, uint32_t index, int severity, const char *description)
{
	struct alert *a = reading_add_alert(r);
	assert_non_null(a);
	a->device = 1;
	a->index = index;
	a->severity = severity;
	a->group = 11;
	a->code = 1104;
	a->description = ui_fixture_text(r, description);
}

void ui_fixture_fill(struct reading *r, struct slab *blocks, const char *evil)
{
	reading_open(r, blocks);
	for (int g = 0; g < GROUP_COUNT; g++)
		r->group[g].status = GROUP_COMPLETE;
	r->identity.is_printer = true;
	r->identity.vendor = ui_fixture_text(r, "Xerox");
	r->identity.model = ui_fixture_text(r, evil);
	r->identity.serial = ui_fixture_text(r, evil);
	r->identity.sys_descr = ui_fixture_text(r, evil);
	r->identity.uptime_cs = 8640000;
	struct firmware *f = reading_add_firmware(r);
	assert_non_null(f);
	f->name = ui_fixture_text(r, evil);
	f->version = ui_fixture_text(r, "1.2");
	(void)add_meter(r, METER_IMPRESSIONS_TOTAL, 178481);
	(void)add_meter(r, METER_IMPRESSIONS_COLOR, 1000);
	add_meter(r, METER_IMPRESSIONS_MONO, 1700)->parts = TEXT("1.3.6.1.4.1.9.1 .2");
	ui_fixture_add_supply(r, 1, "black", 18720);
	ui_fixture_add_supply(r, 2, "cyan", -3);
	ui_fixture_add_alert(r, 1, 4, evil);
	ui_fixture_add_alert(r, 2, 3, "Paper jam");
	r->state.printer_status = 3;
	r->state.device_status = 2;
	r->state.has_errors = true;
	r->state.errors = 1u << 13 | 1u << 10;
	r->state.console = ui_fixture_text(r, evil);
}

char *ui_fixture_print(int (*print)(FILE *out, const void *arg), const void *arg, int want)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	assert_non_null(out);
	assert_int_equal(print(out, arg), want);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(strlen(text), len);
	return text;
}
