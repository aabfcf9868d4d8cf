/* SPDX-License-Identifier: Apache-2.0
 * Which datagrams are the response to a request, as a table: one thing is changed in a message that
 * is accepted, and the reason of its refusal is the one expected. And what SNMPv3 does next. */
#include "engine/snmp/client_internal.h"
#include "engine/snmp/accept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { LEVEL = SNMP3_FLAG_AUTH | SNMP3_FLAG_PRIV };

static const uint8_t names[] = {0x2b, 6, 1, 2, 1, 1, 1, 0, 0x2b, 6, 1, 2, 1, 1, 3, 0};
static const uint8_t engine[] = {0x80, 0, 0, 11, 5, 1, 2, 3};
static const uint8_t other_engine[] = {0x80, 0, 0, 11, 5, 1, 2, 4};
/* usmStatsNotInTimeWindows.0 and usmStatsWrongDigests.0 */
static const uint8_t window[] = {0x2b, 6, 1, 6, 3, 15, 1, 1, 2, 0};
static const uint8_t digest[] = {0x2b, 6, 1, 6, 3, 15, 1, 1, 5, 0};

/* A GET of two objects, and a response to it. */
struct scene {
	struct usm_user user;
	struct usm_peer usm;
	struct varbind varbinds[3];
	struct snmp_expected e;
	struct snmp_incoming in;
};

static struct scene *begin(uint8_t version)
{
	static struct scene s;
	static const uint16_t at[] = {0, 8};
	static const uint8_t len[] = {8, 8};
	memset(&s, 0, sizeof s);
	for (int i = 0; i < 2; i++)
		s.varbinds[i].name = (struct oid_ber){names + at[i], len[i]};
	s.e = (struct snmp_expected){.version = version,
		.pdu = SNMP_GET,
		.names = {names, at, len, 2},
		.request_id = 77,
		.community = "public",
		.community_len = 6};
	s.in = (struct snmp_incoming){.is_from_source = true,
		.version = version,
		.community = (const uint8_t *)"public",
		.community_len = 6,
		.pdu = SNMP_RESPONSE,
		.request_id = 77,
		.varbinds = s.varbinds,
		.count = 2};
	if (version != SNMP_V3)
		return &s;
	memcpy(s.user.name, "reader", 6);
	s.user.name_len = 6;
	s.usm.user = &s.user;
	memcpy(s.usm.engine.id, engine, sizeof engine);
	s.usm.engine.id_len = sizeof engine;
	s.e.usm = &s.usm;
	s.e.level = LEVEL;
	s.e.is_in_window = true;
	s.in.usm = (struct usm_message){.msg_id = 5,
		.flags = LEVEL,
		.engine_id = engine,
		.engine_id_len = sizeof engine,
		.user = (const uint8_t *)"reader",
		.user_len = 6};
	s.in.is_authentic = s.in.is_decrypted = true;
	s.in.scope_engine_id = engine;
	s.in.scope_engine_id_len = sizeof engine;
	return &s;
}

static enum snmp_reason evaluate(const struct scene *s)
{
	return snmp_accept(&s->e, &s->in);
}

/* ---- v1 and v2c ------------------------------------------------------------------------- */

static void source(struct scene *s)
{
	s->in.is_from_source = false;
}
static void malformed(struct scene *s)
{
	s->in.err = ERR_FORMAT;
}
static void version(struct scene *s)
{
	s->in.version = s->e.version == SNMP_V1 ? SNMP_V2C : SNMP_V1;
}
static void no_version(struct scene *s)
{
	s->in.err = ERR_VERSION;
}
static void community(struct scene *s)
{
	s->in.community = (const uint8_t *)"Public";
}
static void short_community(struct scene *s)
{
	s->in.community_len = 5;
}
static void trap(struct scene *s)
{
	s->in.err = ERR_TYPE;
	s->in.pdu = 0xa4;
}
static void report(struct scene *s)
{
	s->in.pdu = SNMP_REPORT;
}
static void request_id(struct scene *s)
{
	s->in.request_id = 78;
}
static void wide_request_id(struct scene *s)
{
	s->in.request_id = 77 + (1L << 32);
}
static void other_name(struct scene *s)
{
	s->varbinds[1].name = (struct oid_ber){window, 10};
}
static void name_twice(struct scene *s)
{
	s->varbinds[1] = s->varbinds[0];
}
static void one_more(struct scene *s)
{
	s->varbinds[2] = s->varbinds[1];
	s->in.count = 3;
}
static void one_less(struct scene *s)
{
	s->varbinds[0] = s->varbinds[1];
	s->in.count = 1;
}
static void empty(struct scene *s)
{
	s->in.count = 0;
}
static void nothing(struct scene *s)
{
	(void)s;
}

/* ---- v3 --------------------------------------------------------------------------------- */

static void no_auth(struct scene *s)
{
	s->in.usm.flags = 0;
	s->in.is_authentic = false;
}
static void no_auth_elsewhere(struct scene *s)
{
	no_auth(s);
	source(s);
}
static void no_auth_report(struct scene *s)
{
	no_auth(s);
	report(s);
}
static void no_auth_user(struct scene *s)
{
	no_auth(s);
	s->e.level = 0;
}
static void no_priv(struct scene *s)
{
	s->in.usm.flags = SNMP3_FLAG_AUTH;
}
static void more_security(struct scene *s)
{
	s->e.level = SNMP3_FLAG_AUTH;
}
static void not_authentic(struct scene *s)
{
	s->in.is_authentic = false;
}
static void not_authentic_elsewhere(struct scene *s)
{
	not_authentic(s);
	source(s);
}
static void engine_id(struct scene *s)
{
	s->in.usm.engine_id = other_engine;
}
static void user(struct scene *s)
{
	s->in.usm.user = (const uint8_t *)"Reader";
}
static void not_decrypted(struct scene *s)
{
	s->in.is_decrypted = false;
}
static void scope_engine(struct scene *s)
{
	s->in.scope_engine_id = other_engine;
}
static void context(struct scene *s)
{
	s->in.context = "tray";
	s->in.context_len = 4;
}
static void old(struct scene *s)
{
	s->e.is_in_window = false;
}
static void clock_report(struct scene *s)
{
	report(s);
	s->varbinds[0].name = (struct oid_ber){window, 10};
}
static void digest_report(struct scene *s)
{
	report(s);
	s->varbinds[0].name = (struct oid_ber){digest, 10};
}
static void checked(struct scene *s)
{
	s->e.check_id = 5;
}
static void keying(struct scene *s)
{
	s->e.waiting = SNMP_WAITS_FOR_KEYS;
}
static void probing(struct scene *s)
{
	s->e.waiting = SNMP_WAITS_FOR_ENGINE;
	s->in.err = ERR_TYPE;
}
static void probed(struct scene *s)
{
	s->e.waiting = SNMP_WAITS_FOR_ENGINE;
	s->in.is_probed = true;
}
static void probed_elsewhere(struct scene *s)
{
	probed(s);
	source(s);
}

struct row {
	void (*change)(struct scene *s);
	enum snmp_reason want;
};

static void check_rows(uint8_t version_of, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct scene *s = begin(version_of);
		rows[i].change(s);
		enum snmp_reason got = evaluate(s);
		if (got != rows[i].want)
			fail_msg("version %u, row %zu: reason %d instead of %d", version_of, i,
				(int)got, (int)rows[i].want);
	}
}

static void test_community_responses(void **state)
{
	(void)state;
	static const struct row rows[] = {{nothing, SNMP_ACCEPTED}, {one_less, SNMP_ACCEPTED},
		{empty, SNMP_ACCEPTED}, {source, SNMP_OTHER_SOURCE}, {malformed, SNMP_MALFORMED},
		{version, SNMP_OTHER_VERSION}, {no_version, SNMP_OTHER_VERSION},
		{community, SNMP_OTHER_COMMUNITY}, {short_community, SNMP_OTHER_COMMUNITY},
		{trap, SNMP_OTHER_TYPE}, {report, SNMP_OTHER_TYPE}, {request_id, SNMP_OTHER_ID},
		{wide_request_id, SNMP_OTHER_ID}, {other_name, SNMP_OTHER_NAMES},
		{name_twice, SNMP_OTHER_NAMES}, {one_more, SNMP_OTHER_NAMES}};
	check_rows(SNMP_V1, rows, sizeof rows / sizeof rows[0]);
	check_rows(SNMP_V2C, rows, sizeof rows / sizeof rows[0]);
}

static void test_v3_responses(void **state)
{
	(void)state;
	static const struct row rows[] = {{nothing, SNMP_ACCEPTED}, {one_less, SNMP_ACCEPTED},
		{source, SNMP_ACCEPTED}, /* it is authentic */
		{no_version, SNMP_OTHER_VERSION}, {version, SNMP_MALFORMED},
		{malformed, SNMP_GARBLED}, {no_auth, SNMP_OTHER_LEVEL},
		{no_auth_elsewhere, SNMP_OTHER_SOURCE},
		{no_auth_report, SNMP_UNAUTHENTICATED_REPORT}, {no_auth_user, SNMP_ACCEPTED},
		{no_priv, SNMP_OTHER_LEVEL}, {more_security, SNMP_OTHER_LEVEL},
		{not_authentic, SNMP_WRONG_DIGEST}, {not_authentic_elsewhere, SNMP_OTHER_SOURCE},
		{engine_id, SNMP_OTHER_ENGINE}, {user, SNMP_OTHER_USER},
		{not_decrypted, SNMP_WRONG_CIPHER}, {scope_engine, SNMP_OTHER_CONTEXT},
		{context, SNMP_OTHER_CONTEXT}, {trap, SNMP_OTHER_TYPE}, {request_id, SNMP_OTHER_ID},
		{other_name, SNMP_OTHER_NAMES}, {old, SNMP_OUT_OF_WINDOW},
		{clock_report, SNMP_REPORT_OF_CLOCK}, {digest_report, SNMP_REPORT_OF_ERROR},
		{checked, SNMP_REPORT_OF_ERROR}, {keying, SNMP_OTHER_ID},
		{probing, SNMP_OTHER_TYPE}, {probed, SNMP_PROBED},
		{probed_elsewhere, SNMP_OTHER_SOURCE}};
	check_rows(SNMP_V3, rows, sizeof rows / sizeof rows[0]);
}

static void test_walk_goes_forward_or_in_its_table(void **state)
{
	(void)state;
	struct scene *s = begin(SNMP_V2C);
	s->e.pdu = SNMP_GETNEXT;
	assert_int_equal(evaluate(s), SNMP_ACCEPTED); /* the same names: the end of what there is */
	s->varbinds[0].name = (struct oid_ber){window, 10};
	assert_int_equal(evaluate(s), SNMP_ACCEPTED); /* behind */
	static const uint8_t before[] = {0x2b, 6, 1, 2, 1, 0, 9};
	s->varbinds[0].name = (struct oid_ber){before, sizeof before};
	assert_int_equal(evaluate(s), SNMP_OTHER_NAMES);
	s = begin(SNMP_V2C);
	s->e.pdu = SNMP_GETNEXT;
	one_more(s);
	assert_int_equal(evaluate(s), SNMP_OTHER_NAMES); /* more than requested */
	s->e.pdu = SNMP_GETBULK;
	assert_int_equal(evaluate(s), SNMP_ACCEPTED);
}

static void test_v3_steps(void **state)
{
	(void)state;
	static const struct {
		enum snmp_reason reason;
		bool is_resynced;
		enum slot_check check;
		struct usm_step want;
	} rows[] = {
		{SNMP_ACCEPTED, false, CHECK_NONE, {USM_DONE, USM_TROUBLE_NONE, false}},
		{SNMP_PROBED, false, CHECK_NONE, {USM_SEND, USM_TROUBLE_NONE, false}},
		{SNMP_REPORT_OF_CLOCK, false, CHECK_NONE, {USM_RESEND, USM_TROUBLE_NONE, true}},
		{SNMP_REPORT_OF_CLOCK, true, CHECK_NONE, {USM_WAIT, USM_TROUBLE_WINDOW, true}},
		{SNMP_OUT_OF_WINDOW, false, CHECK_NONE, {USM_RESEND, USM_TROUBLE_NONE, true}},
		{SNMP_UNAUTHENTICATED_REPORT, false, CHECK_NONE,
			{USM_WAIT, USM_TROUBLE_DIGEST, false}},
		{SNMP_REPORT_OF_ERROR, false, CHECK_NONE, {USM_WAIT, USM_TROUBLE_DIGEST, true}},
		{SNMP_REPORT_OF_ERROR, false, CHECK_PRIVACY, {USM_WAIT, USM_TROUBLE_CIPHER, true}},
		{SNMP_REPORT_OF_ERROR, false, CHECK_CONTEXT, {USM_WAIT, USM_TROUBLE_CONTEXT, true}},
		{SNMP_GARBLED, false, CHECK_NONE, {USM_WAIT, USM_TROUBLE_CIPHER, true}},
		{SNMP_WRONG_DIGEST, false, CHECK_NONE, {USM_WAIT, USM_TROUBLE_NONE, false}},
		{SNMP_OTHER_SOURCE, false, CHECK_NONE, {USM_WAIT, USM_TROUBLE_NONE, false}},
	};
	struct varbind vb = {.name = {digest, sizeof digest}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct snmp_received r = {.reason = rows[i].reason};
		r.in.pdu = SNMP_REPORT;
		r.in.varbinds = &vb;
		r.in.count = 1;
		struct usm_step got = usm_next_step(&r, rows[i].check, rows[i].is_resynced);
		if (got.action != rows[i].want.action || got.trouble != rows[i].want.trouble ||
			got.is_sure != rows[i].want.is_sure)
			fail_msg("row %zu: action %d, trouble %d, sure %d", i, (int)got.action,
				(int)got.trouble, got.is_sure);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_community_responses),
		cmocka_unit_test(test_v3_responses),
		cmocka_unit_test(test_walk_goes_forward_or_in_its_table),
		cmocka_unit_test(test_v3_steps),
	};
	return cmocka_run_group_tests_name("snmp/accept", tests, NULL, NULL);
}
