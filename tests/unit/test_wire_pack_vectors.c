/* SPDX-License-Identifier: Apache-2.0
 * The test vectors of proto/wire/vectors: our packer makes exactly those bytes, and our readers
 * find in them what was put in. tests/vectors/check_vectors.py checks the same files against their
 * JSON with Python's msgpack and openssl. With PLATEN_WRITE_VECTORS=1 in the environment the files
 * are written instead of compared. */
#include "proto/wire/envelope.h"
#include "proto/wire/pack.h"
#include "tests/kit/record_check.h"
#include "tests/unit/blocks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define READ_AT UINT64_C(1795352800123)

/* RFC 8032, section 7.1, test 1, as SubjectPublicKeyInfo (RFC 8410). Its private key is public. */
static const uint8_t public_key[44] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03,
	0x21, 0x00, 0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9,
	0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68,
	0xf7, 0x07, 0x51, 0x1a};
static const uint8_t agent_id[AGENT_ID_BYTES] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
/* check_vectors.py --sign prints these. */
static const char key_id_hex[] = "06e3fd8fda29bb60";
static const char batch_signature_hex[] =
	"c834299498e16084a5cdcacff20a983da4d69c8d83dc587dcfd89d0098d59c8f"
	"2a8c625182af14794b6950bfce7096ca511cd80f49cd08cf1bb56c5cffc0450f";
static const char batch_digest_hex[] =
	"08fb4431abc44552f9b88f430508c7be58c769f560bbf0f0f03de29c0343da9a";
static const char receipt_signature_hex[] =
	"666b09a9257fe23013e75c0f8eb0425f93c12af9a4a65964f738b71b272a9a5a"
	"ecc23ab12d6255768f26cea5f5ce6632fdb557be38dc977aa629b3b471153709";

/* Of the sender, as its newest digest. */
static const uint8_t ledger[DIGEST_BYTES] = {0x4c, 0x65, 0x64, 0x67, 0x65, 0x72};

static void compare(const char *name, const struct buf *b)
{
	char path[512];
	static uint8_t bytes[LIMIT_RECORD];
	(void)snprintf(path, sizeof path, "%s/proto/wire/vectors/%s.bin", PLATEN_SOURCE_DIR, name);
	if (getenv("PLATEN_WRITE_VECTORS") != NULL) {
		FILE *f = fopen(path, "wb");
		assert_non_null(f);
		assert_int_equal(fwrite(b->data, 1, b->len, f), b->len);
		assert_int_equal(fclose(f), 0);
		return;
	}
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	size_t n = fread(bytes, 1, sizeof bytes, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(n, b->len);
	assert_memory_equal(bytes, b->data, n);
}

static void status(
	struct reading *r, enum reading_group g, uint8_t status, uint64_t before, uint64_t took)
{
	r->group[g].status = status;
	r->group[g].requested_at_ms = READ_AT - before;
	if (status != GROUP_FAILED)
		r->group[g].responded_at_ms = READ_AT - before + took;
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

static void put_full(struct buf *b)
{
	struct reading r;
	struct record_head head = {.seq = 41,
		.read_at_ms = READ_AT,
		.policy_id = 1,
		.is_full = true,
		.address = TEXT("192.0.2.17"),
		.device_key = TEXT("serial:xerox/3TX123456")};
	reading_open(&r, &blocks);
	fill_full(&r);
	assert_int_equal(record_pack(b, &head, &r, ALL_GROUPS), 0);
	reading_close(&r);
}

/* Only what changed: one group that failed, and one that is empty. */
static void put_delta(struct buf *b)
{
	struct reading r;
	struct record_head head = {.seq = 42,
		.read_at_ms = READ_AT + 3600000,
		.policy_id = 1,
		.age_ms = 250,
		.address = TEXT("2001:db8::17"),
		.device_key = TEXT("mac:9c:93:4e:00:00:01")};
	reading_open(&r, &blocks);
	r.group[GROUP_METERS] =
		(struct group_info){.status = GROUP_FAILED, .requested_at_ms = READ_AT + 3595000};
	r.group[GROUP_ALERTS] = (struct group_info){.status = GROUP_COMPLETE,
		.requested_at_ms = READ_AT + 3600002,
		.responded_at_ms = READ_AT + 3600001};
	assert_int_equal(record_pack(b, &head, &r, 1u << GROUP_METERS | 1u << GROUP_ALERTS), 0);
	reading_close(&r);
}

/* The field of minor 3: since when the content is another one. */
static void put_event(struct buf *b)
{
	struct reading r;
	struct record_head head = {.seq = 43,
		.read_at_ms = READ_AT + 7200000,
		.address = TEXT("192.0.2.17"),
		.device_key = TEXT("serial:xerox/3TX123456")};
	reading_open(&r, &blocks);
	for (unsigned g = GROUP_ALERTS; g <= GROUP_STATE; g++)
		r.group[g] = (struct group_info){.status = GROUP_COMPLETE,
			.requested_at_ms = READ_AT + 7199700,
			.responded_at_ms = READ_AT + 7199750};
	r.group[GROUP_ALERTS].before_at_ms = READ_AT + 3600000;
	r.state.has_errors = true;
	struct alert *a = reading_add_alert(&r);
	*a = (struct alert){.device = 1,
		.index = 47,
		.severity = 3,
		.training = 4,
		.group = 8,
		.group_index = 2,
		.location = -2,
		.code = 8,
		.description = TEXT("Paper jam in tray 2")};
	assert_int_equal(record_pack(b, &head, &r, 1u << GROUP_ALERTS | 1u << GROUP_STATE), 0);
	reading_close(&r);
}

static void unhex(uint8_t *dst, size_t n, const char *hex)
{
	assert_int_equal(str_unhex(dst, n, hex, strlen(hex)), n);
}

static void put_head(struct buf *b)
{
	struct batch_head head = {.epoch = UINT64_C(0xfedcba9876543210),
		.first = 41,
		.last = 42,
		.count = 2,
		.sent_at_ms = READ_AT + 3601000,
		.body_encoding = BODY_RAW,
		.software = TEXT("platen/0.1.0"),
		.polls_made = 2000,
		.polls_unchanged = 1990,
		.polls_failed = 3,
		.public_key = public_key,
		.public_key_len = sizeof public_key,
		.site = TEXT("Gen\xc3\xa8ve 3"),
		.devices = 2000,
		.minor = ENVELOPE_MINOR,
		.dropped = {30, 0, 2},
		.receipted = 40,
		.ledger = ledger,
		.ledger_len = sizeof ledger,
		.info = {.store_kib = 4096,
			.address = TEXT("192.0.2.9"),
			.os = TEXT("Debian GNU/Linux 12 (bookworm)"),
			.cpu = TEXT("AMD EPYC 7543"),
			.discovery_kib = 512,
			.disk_mib = 100000,
			.disk_free_mib = 60000,
			.os_bits = 64,
			.time_zone = TEXT("Europe/Zurich"),
			.utc_offset = TEXT("+01:00"),
			.discovered = 2010,
			.memory_mib = 4096,
			.memory_free_mib = 2048,
			.name = TEXT("Gen\xc3\xa8ve 3"),
			.included = 2000,
			.excluded = 10,
			.rules = TEXT("0.1.0"),
			.host_id = {0xab, 0xcd}}};
	uint8_t body[4096];
	struct buf bb;
	buf_over(&bb, body, sizeof body);
	put_full(&bb);
	put_delta(&bb);
	head.body_raw_len = (uint32_t)bb.len;
	memcpy(head.agent_id, agent_id, sizeof agent_id);
	assert_int_equal(batch_head_pack(b, &head), 0);
}

static void check_parts(const struct reading *r)
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

static void check_sums(const struct reading *r)
{
	char part[READING_SOURCE] = "";
	size_t at = 0;
	const struct meter *m = r->meters;
	while (m->next != NULL)
		m = m->next;
	assert_int_equal(m->source.len, 0);
	assert_true(reading_next_part(m->parts, &at, part));
	assert_string_equal(part, "1.3.6.1.4.1.1602.1.11.1.3.1.4.112");
	assert_true(reading_next_part(m->parts, &at, part));
	assert_string_equal(part, "1.3.6.1.4.1.1602.1.11.1.3.1.4.122");
	assert_false(reading_next_part(m->parts, &at, part));
	assert_true(text_is(r->supplies->level_source, "1.3.6.1.4.1.367.3.2.1.2.24.1.1.5.1"));
}

static void read_file(const char *name, uint8_t *bytes, size_t cap, size_t *len)
{
	char path[512];
	(void)snprintf(path, sizeof path, "%s/proto/wire/vectors/%s.bin", PLATEN_SOURCE_DIR, name);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	*len = fread(bytes, 1, cap, f);
	assert_true(*len > 0 && *len < cap);
	assert_int_equal(fclose(f), 0);
}

/* The batch of an earlier minor, of which two records are read. */
static void check_old_batch(const char *name, unsigned minor)
{
	static uint8_t bytes[4096];
	size_t len;
	struct envelope e;
	struct batch_head h;
	read_file(name, bytes, sizeof bytes, &len);
	assert_int_equal(batch_unpack(&e, bytes, len), 0);
	assert_int_equal(batch_head_unpack(&h, e.head, e.head_len), 0);
	assert_int_equal(h.minor, minor);
	int first = record_check(e.body, e.body_len);
	assert_true(first > 0);
	assert_int_equal(
		record_check(e.body + first, e.body_len - (size_t)first), (int)e.body_len - first);
}

/* Packed again it is the same bytes: nothing that is new has a default on the wire. */
static void check_packed_again(const struct record_head *head, const struct reading *r,
	unsigned mask, const uint8_t *bytes, size_t len)
{
	static uint8_t again[4096];
	struct buf b;
	buf_over(&b, again, sizeof again);
	assert_int_equal(record_pack(&b, head, r, mask), 0);
	assert_int_equal(b.len, len);
	assert_memory_equal(again, bytes, len);
}

/* Records that agents of minor 0 sent and hubs have kept are read as before. */
static void test_record_vectors_of_minor_0(void **state)
{
	(void)state;
	static uint8_t bytes[4096];
	size_t len;
	struct record_head head;
	struct reading r;
	unsigned mask;
	read_file("record_full_v0", bytes, sizeof bytes, &len);
	reading_open(&r, &blocks);
	assert_int_equal(record_unpack(&head, &r, &mask, bytes, len), len);
	assert_int_equal(mask, (1u << GROUP_OPTIONS) - 1);
	assert_true(head.is_full);
	assert_int_equal(r.sources, SOURCE_SNMP);
	assert_int_equal(r.meters->value, 178481);
	assert_int_equal(r.supplies->next->source, 0);
	assert_int_equal(r.state.service_mode, 0);
	assert_int_equal(r.identity.why, WHY_NOTHING);
	assert_int_equal(r.group[GROUP_MEDIA].status, GROUP_NOT_REQUESTED);
	check_packed_again(&head, &r, mask, bytes, len);
	reading_close(&r);
	check_old_batch("batch_v0", 0);
}

/* Likewise minor 1, which had no sums and no objects of supplies. */
static void test_record_vectors_of_minor_1(void **state)
{
	(void)state;
	static uint8_t bytes[4096];
	size_t len;
	struct record_head head;
	struct reading r;
	unsigned mask;
	read_file("record_full_v1", bytes, sizeof bytes, &len);
	reading_open(&r, &blocks);
	assert_int_equal(record_unpack(&head, &r, &mask, bytes, len), len);
	assert_int_equal(mask, ALL_GROUPS);
	check_parts(&r);
	assert_int_equal(r.meters->parts.len, 0);
	assert_int_equal(r.supplies->level_source.len, 0);
	check_packed_again(&head, &r, mask, bytes, len);
	reading_close(&r);
	check_old_batch("batch_v1", 1);
}

/* Likewise minor 2, whose groups did not say since when. */
static void test_batch_vector_of_minor_2(void **state)
{
	(void)state;
	check_old_batch("batch_v2", 2);
}

/* Of the groups, one says when its old content was last seen; it is no part of the digest. */
static void test_record_vector_of_an_event(void **state)
{
	(void)state;
	uint8_t mem[4096];
	struct buf b;
	struct record_head head;
	struct reading r;
	unsigned mask;
	buf_over(&b, mem, sizeof mem);
	put_event(&b);
	compare("record_event", &b);
	reading_open(&r, &blocks);
	assert_int_equal(record_unpack(&head, &r, &mask, b.data, b.len), b.len);
	assert_true(r.group[GROUP_ALERTS].before_at_ms == READ_AT + 3600000);
	assert_true(r.group[GROUP_STATE].before_at_ms == 0);
	uint64_t digest = record_group_digest(&r, GROUP_ALERTS);
	check_packed_again(&head, &r, mask, b.data, b.len);
	r.group[GROUP_ALERTS].before_at_ms = 0;
	assert_true(record_group_digest(&r, GROUP_ALERTS) == digest);
	reading_close(&r);
}

/* Each group alone, and all together: what is left reads as if the others had never been packed. */
static void test_groups_are_cut_out_of_a_record(void **state)
{
	(void)state;
	uint8_t mem[4096], cut[4096], want[4096];
	struct buf b, w;
	struct record_head head;
	struct reading r;
	unsigned mask;
	buf_over(&b, mem, sizeof mem);
	put_full(&b);
	reading_open(&r, &blocks);
	assert_int_equal(record_unpack(&head, &r, &mask, b.data, b.len), b.len);
	for (unsigned out = 0; out <= ALL_GROUPS; out++) {
		buf_over(&w, want, sizeof want);
		assert_int_equal(record_pack(&w, &head, &r, ALL_GROUPS & ~out), 0);
		assert_int_equal(record_cut(cut, b.data, b.len, out), w.len);
		assert_memory_equal(cut, want, w.len);
	}
	assert_int_equal(record_cut(cut, b.data, b.len - 1, 1), ERR_FORMAT);
	reading_close(&r);
}

static void test_record_vectors(void **state)
{
	(void)state;
	uint8_t mem[4096];
	struct buf b;
	buf_over(&b, mem, sizeof mem);
	put_full(&b);
	compare("record_full", &b);
	struct record_head head;
	struct reading r;
	unsigned mask;
	reading_open(&r, &blocks);
	assert_int_equal(record_unpack(&head, &r, &mask, b.data, b.len), b.len);
	assert_int_equal(mask, ALL_GROUPS);
	assert_int_equal(r.meters->value, 178481);
	assert_true(r.meters->next->value == UINT64_MAX);
	assert_true(text_is(r.meters->next->source, "not.an.oid"));
	assert_int_equal(r.supplies->next->level_kind, LEVEL_SOME);
	assert_int_equal(r.alerts->code, 1104);
	check_parts(&r);
	check_sums(&r);
	reading_close(&r);
	buf_clear(&b);
	put_delta(&b);
	compare("record_delta", &b);
	reading_open(&r, &blocks);
	assert_int_equal(record_unpack(&head, &r, &mask, b.data, b.len), b.len);
	assert_int_equal(mask, 1u << GROUP_METERS | 1u << GROUP_ALERTS);
	assert_false(head.is_full);
	/* The clock was set back between asking and the end of the poll. */
	assert_true(r.group[GROUP_ALERTS].requested_at_ms == READ_AT + 3600002);
	assert_true(r.group[GROUP_ALERTS].responded_at_ms == READ_AT + 3600001);
	assert_int_equal(r.group[GROUP_METERS].responded_at_ms, 0);
	reading_close(&r);
}

static void test_batch_vector(void **state)
{
	(void)state;
	uint8_t head_mem[LIMIT_HEAD], body_mem[4096], mem[4096], signature[LIMIT_SIGNATURE];
	struct buf head, body, b;
	buf_over(&head, head_mem, sizeof head_mem);
	buf_over(&body, body_mem, sizeof body_mem);
	buf_over(&b, mem, sizeof mem);
	put_head(&head);
	compare("batch_head", &head);
	put_full(&body);
	put_delta(&body);
	struct envelope e = {.alg = 1,
		.head = head.data,
		.head_len = head.len,
		.body = body.data,
		.body_len = body.len,
		.signature = signature,
		.signature_len = strlen(batch_signature_hex) / 2};
	unhex(e.key_id, KEY_ID_BYTES, key_id_hex);
	unhex(signature, e.signature_len, batch_signature_hex);
	assert_int_equal(batch_pack(&b, &e), 0);
	compare("batch", &b);
	struct batch_head h;
	assert_int_equal(batch_unpack(&e, b.data, b.len), 0);
	assert_int_equal(batch_head_unpack(&h, e.head, e.head_len), 0);
	assert_int_equal(h.body_raw_len, e.body_len);
	assert_true(text_is(h.info.time_zone, "Europe/Zurich"));
	assert_int_equal(h.info.excluded, 10);
}

static void test_receipt_vector(void **state)
{
	(void)state;
	static const struct receipt_rejected rejected = {42, {"malformed", 9}};
	static const struct text want = {"serial:xerox/3TX123456", 22};
	struct receipt r = {.epoch = UINT64_C(0xfedcba9876543210),
		.last = 42,
		.stored = 1,
		.received_at_ms = READ_AT + 3601200,
		.software = TEXT("platen-hub/0.1.0"),
		.public_key = public_key,
		.public_key_len = sizeof public_key,
		.rejected = &rejected,
		.rejected_count = 1,
		.want_full = &want,
		.want_full_count = 1,
		.ledger = ledger,
		.ledger_len = sizeof ledger,
		.encodings = 7};
	uint8_t inner_mem[1024], mem[4096], signature[LIMIT_SIGNATURE];
	struct buf inner, b;
	buf_over(&inner, inner_mem, sizeof inner_mem);
	buf_over(&b, mem, sizeof mem);
	memcpy(r.agent_id, agent_id, sizeof agent_id);
	unhex(r.batch_digest, DIGEST_BYTES, batch_digest_hex);
	assert_int_equal(receipt_pack(&inner, &r), 0);
	struct envelope e = {.alg = 1,
		.head = inner.data,
		.head_len = inner.len,
		.signature = signature,
		.signature_len = strlen(receipt_signature_hex) / 2};
	unhex(e.key_id, KEY_ID_BYTES, key_id_hex);
	unhex(signature, e.signature_len, receipt_signature_hex);
	assert_int_equal(receipt_envelope_pack(&b, &e), 0);
	compare("receipt", &b);
	struct receipt out;
	assert_int_equal(receipt_envelope_unpack(&e, b.data, b.len), 0);
	assert_int_equal(receipt_unpack(&out, e.head, e.head_len), 0);
	assert_int_equal(out.rejected_count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record_vectors),
		cmocka_unit_test(test_record_vectors_of_minor_0),
		cmocka_unit_test(test_record_vectors_of_minor_1),
		cmocka_unit_test(test_batch_vector_of_minor_2),
		cmocka_unit_test(test_record_vector_of_an_event),
		cmocka_unit_test(test_groups_are_cut_out_of_a_record),
		cmocka_unit_test(test_batch_vector),
		cmocka_unit_test(test_receipt_vector),
	};
	return cmocka_run_group_tests(tests, open_blocks, close_blocks);
}
