/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/wire_vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *vector_open(const char *name, const char *mode)
{
	char path[512];
	(void)snprintf(path, sizeof path, "%s/proto/wire/vectors/%s.bin", PLATEN_SOURCE_DIR, name);
	FILE *f = fopen(path, mode);
	assert_non_null(f);
	return f;
}

void vector_read(const char *name, uint8_t *bytes, size_t cap, size_t *len)
{
	FILE *f = vector_open(name, "rb");
	*len = fread(bytes, 1, cap, f);
	assert_true(*len > 0 && *len < cap);
	assert_int_equal(fclose(f), 0);
}

void vector_compare(const char *name, const struct buf *b)
{
	static uint8_t bytes[LIMIT_RECORD];
	size_t n;
	if (getenv("PLATEN_WRITE_VECTORS") != NULL) {
		FILE *f = vector_open(name, "wb");
		assert_int_equal(fwrite(b->data, 1, b->len, f), b->len);
		assert_int_equal(fclose(f), 0);
		return;
	}
	vector_read(name, bytes, sizeof bytes, &n);
	assert_int_equal(n, b->len);
	assert_memory_equal(bytes, b->data, n);
}

void vector_check_packed_again(const struct record_head *head, const struct reading *r,
	unsigned mask, const uint8_t *bytes, size_t len)
{
	static uint8_t again[4096];
	struct buf b;
	buf_over(&b, again, sizeof again);
	assert_int_equal(record_pack(&b, head, r, mask), 0);
	assert_int_equal(b.len, len);
	assert_memory_equal(again, bytes, len);
}

static void status(
	struct reading *r, enum reading_group g, uint8_t status, uint64_t before, uint64_t took)
{
	r->group[g].status = status;
	r->group[g].requested_at_ms = VECTOR_READ_AT - before;
	if (status != GROUP_FAILED)
		r->group[g].responded_at_ms = VECTOR_READ_AT - before + took;
}

/* The fields that minor 2 of the schema added. */
static void fill_sums(struct reading *r)
{
	struct meter *m = reading_add_meter(r);
	m->name = METER_LARGE_IMPRESSIONS_TOTAL;
	m->unit = 7;
	m->value = 5000;
	m->parts = TEXT("1.3.6.1.4.1.1602.1.11.1.3.1.4.112 .122");
	r->supplies->level_source = TEXT("1.3.6.1.4.1.367.3.2.1.2.24.1.1.5.1");
}

/* The fields that minor 1 of the schema added. */
static void fill_parts(struct reading *r)
{
	r->identity.why = WHY_PRINTER_MIB;
	r->identity.confidence = 95;
	r->identity.device_id = TEXT("MFG:Xerox;MDL:AltaLink C8135;");
	r->supplies->next->source = SOURCE_IPP;
	r->state.service_mode = 1;
	struct option *o = reading_add_option(r);
	o->device = 1;
	o->index = 5;
	o->name = TEXT("PostScript");
	o->value = TEXT("3018.101");
	o = reading_add_option(r);
	o->kind = OPTION_SETTING;
	o->index = 2;
	o->name = TEXT("Power saver");
	o->value = TEXT("15 min");
	struct subunit *s = reading_add_subunit(r);
	s->type = 3;
	s->unit = 8;
	s->has_status = s->has_level = s->has_max = true;
	s->device = 1;
	s->index = 1;
	s->level = -3;
	s->max = 520;
	s->name = TEXT("Tray 1");
	s->description = TEXT("Upper tray");
	s->media = TEXT("iso_a4_white");
	s = reading_add_subunit(r);
	s->kind = SUBUNIT_COVER;
	s->has_status = true;
	s->device = 1;
	s->index = 1;
	s->status = 3;
	s->description = TEXT("T\xc3\xbcr A");
	r->pages_per_minute = 35;
	r->pages_per_minute_color = 30;
	struct maintenance *m = reading_add_maintenance(r);
	m->device = 1;
	m->index = 20;
	m->type = 15;
	m->unit = 7;
	m->life = 160000;
	m->used = 160000;
	m->left = m->percent_x100 = 0;
	m->name = TEXT("Fuser");
	m->installed = TEXT("2024-03-04");
	m = reading_add_maintenance(r);
	m->life = m->used = m->left = -1;
	m->percent_x100 = 4250;
	m->name = TEXT("Drum R1");
	m->colorant = TEXT("black");
	m->source = TEXT("1.3.6.1.4.1.641.6.4.4.1.1.20.1");
}

static void fill_full(struct reading *r)
{
	struct identity *id = &r->identity;
	id->is_printer = true;
	id->vendor = TEXT("Xerox");
	id->model = TEXT("AltaLink C8135");
	id->serial = TEXT("3TX123456");
	id->sys_descr = TEXT("Xerox AltaLink C8135; SS 111.009");
	id->sys_object_id = TEXT("1.3.6.1.4.1.253.8.62.1.38.12");
	id->mac = TEXT("9c:93:4e:00:00:01");
	id->uptime_cs = 123456789;
	struct firmware *f = reading_add_firmware(r);
	f->name = TEXT("system");
	f->version = TEXT("111.009.24300");
	struct meter *m = reading_add_meter(r);
	m->value = 178481;
	m->unit = 7;
	m->source = TEXT("1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.1");
	m = reading_add_meter(r);
	m->name = METER_VENDOR;
	m->label = TEXT("Gro\xc3\x9f"
			"e Bl\xc3\xa4tter");
	m->value = UINT64_MAX;
	m->quality = QUALITY_SUSPECT;
	m->source = TEXT("not.an.oid");
	struct supply *s = reading_add_supply(r);
	*s = (struct supply){.device = 1,
		.index = 1,
		.type = 3,
		.supply_class = 3,
		.unit = 7,
		.has_level = true,
		.level = 18720,
		.has_max = true,
		.max = 26000,
		.colorant_index = 1,
		.colorant = TEXT("black"),
		.description = TEXT("Black Toner, PN 006R01746"),
		.part = TEXT("006R01746")};
	supply_set_level_kind(s);
	struct supply *t = reading_add_supply(r);
	t->device = 1;
	t->index = 2;
	t->type = 4;
	t->supply_class = 4;
	t->unit = 19;
	t->has_level = t->has_max = true;
	t->level = -3;
	t->max = -2;
	t->serial = TEXT("W-77");
	supply_set_level_kind(t);
	struct alert *a = reading_add_alert(r);
	a->device = 1;
	a->index = 46;
	a->severity = 4;
	a->training = 3;
	a->group = 11;
	a->group_index = 1;
	a->location = -2;
	a->code = 1104;
	a->time_cs = 123450000;
	a->description = TEXT("09-593-00 Black Toner is low.");
	r->state = (struct printer_state){.device_status = 3,
		.printer_status = 3,
		.has_errors = true,
		.errors = 1u << 13,
		.critical_events = 12,
		.all_events = 300,
		.console = TEXT("Ready to scan")};
	fill_parts(r);
	fill_sums(r);
	status(r, GROUP_IDENTITY, GROUP_COMPLETE, 900, 40);
	status(r, GROUP_METERS, GROUP_COMPLETE, 850, 200);
	status(r, GROUP_SUPPLIES, GROUP_PARTIAL, 600, 0);
	status(r, GROUP_ALERTS, GROUP_COMPLETE, 300, 250);
	status(r, GROUP_STATE, GROUP_COMPLETE, 10, 5);
	status(r, GROUP_OPTIONS, GROUP_COMPLETE, 9, 1);
	status(r, GROUP_MEDIA, GROUP_COMPLETE, 8, 1);
	status(r, GROUP_MAINTENANCE, GROUP_PARTIAL, 7, 1);
	r->group[GROUP_SUPPLIES].sources = SOURCE_SNMP | SOURCE_IPP;
}

void vector_put_full(struct buf *b, struct slab *blocks)
{
	struct reading r;
	struct record_head head = {.seq = 41,
		.read_at_ms = VECTOR_READ_AT,
		.policy_id = 1,
		.is_full = true,
		.address = TEXT("192.0.2.17"),
		.device_key = TEXT("serial:xerox/3TX123456")};
	reading_open(&r, blocks);
	fill_full(&r);
	assert_int_equal(record_pack(b, &head, &r, ALL_GROUPS), 0);
	reading_close(&r);
}

void vector_put_delta(struct buf *b, struct slab *blocks)
{
	struct reading r;
	struct record_head head = {.seq = 42,
		.read_at_ms = VECTOR_READ_AT + 3600000,
		.policy_id = 1,
		.age_ms = 250,
		.address = TEXT("2001:db8::17"),
		.device_key = TEXT("mac:9c:93:4e:00:00:01")};
	reading_open(&r, blocks);
	r.group[GROUP_METERS] = (struct group_info){
		.status = GROUP_FAILED, .requested_at_ms = VECTOR_READ_AT + 3595000};
	r.group[GROUP_ALERTS] = (struct group_info){.status = GROUP_COMPLETE,
		.requested_at_ms = VECTOR_READ_AT + 3600002,
		.responded_at_ms = VECTOR_READ_AT + 3600001};
	assert_int_equal(record_pack(b, &head, &r, 1u << GROUP_METERS | 1u << GROUP_ALERTS), 0);
	reading_close(&r);
}

void vector_check_parts(const struct reading *r)
{
	assert_int_equal(r->identity.why, WHY_PRINTER_MIB);
	assert_int_equal(r->identity.confidence, 95);
	assert_int_equal(r->sources, SOURCE_SNMP | SOURCE_IPP);
	assert_int_equal(r->group[GROUP_METERS].sources, SOURCE_SNMP);
	assert_int_equal(r->supplies->next->source, SOURCE_IPP);
	assert_int_equal(r->option_count, 2);
	assert_true(text_is(r->options->next->value, "15 min"));
	assert_int_equal(r->subunits->level, -3);
	assert_true(r->subunits->has_status && r->subunits->status == 0);
	assert_false(r->subunits->next->has_level);
	assert_int_equal(r->pages_per_minute_color, 30);
	assert_int_equal(r->maintenance->left, 0);
	assert_int_equal(r->maintenance->next->left, -1);
	assert_int_equal(r->maintenance->next->percent_x100, 4250);
	assert_int_equal(r->state.service_mode, 1);
}
