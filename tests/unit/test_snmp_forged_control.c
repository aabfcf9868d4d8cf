/* SPDX-License-Identifier: Apache-2.0
 * The positive control of test_snmp_forged.c: the same forgeries against a client whose history was
 * replaced by one that believes every message which finds a question. It must believe them, or the
 * other test proves nothing. What finds a question is the identifier, so forgeries without it are
 * not part of this; nor is one whose cipher leaves only noise to believe. */
#include "engine/snmp/snmp_client_internal.h"

uint64_t *snmp_client_judge_that_checks(struct slot *slot);
#define snmp_client_judge snmp_client_judge_that_checks
#include "engine/snmp/snmp_client_judge.c"
#undef snmp_client_judge

#include "engine/conf/nets.h"
#include "engine/snmp/usm_internal.h"
#include "tests/hostile/forger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static int parse_v3(struct slot *slot)
{
	struct snmp_client *s = slot->client;
	struct snmp3_msg m;
	struct snmp3_scope scope;
	int err = snmp3_parse_head(&m, s->bytes, s->bytes_len);
	if (err < 0)
		return snmp_msg_parse(&s->msg, s->varbinds, LIMIT_VARBINDS, s->bytes, s->bytes_len);
	const uint8_t *plain = m.data;
	if ((m.flags & SNMP3_FLAG_PRIV) != 0) {
		plain = s->plain;
		err = usm_decrypt(slot->peer->usm, &m, s->plain);
		if (err < 0)
			return err;
	}
	return snmp3_parse_scoped(
		&scope, &s->msg, s->varbinds, LIMIT_VARBINDS, plain, m.data_len, 16);
}

/* In the place of the one in the library. */
uint64_t *snmp_client_judge(struct slot *slot)
{
	struct snmp_client *s = slot->client;
	int err = slot->version == SNMP_V3 ? parse_v3(slot)
					   : snmp_msg_parse(&s->msg, s->varbinds, LIMIT_VARBINDS,
						     s->bytes, s->bytes_len);
	return err < 0 ? &s->counters.malformed : NULL;
}

static bool is_controlled(const struct forgery *forgery)
{
	return forgery->counter != offsetof(struct snmp_client_counters, stray_id) &&
	       forgery->counter != offsetof(struct snmp_client_counters, stray_cipher);
}

static void believe_all(enum snmp_version version)
{
	struct forger *h = malloc(sizeof *h);
	static const struct conf_nets named;
	size_t believed = 0;
	assert_non_null(h);
	forger_open(h, version);
	h->peer.answers_from = &named;
	for (size_t i = 0; i < forgery_count; i++) {
		if ((forgeries[i].versions & 1u << version) == 0 || !is_controlled(&forgeries[i]))
			continue;
		forger_run(h, &forgeries[i], FORGER_BURST);
		if (h->lies == 0)
			fail_msg("%s: not believed even without checks", forgeries[i].name);
		believed++;
	}
	assert_true(believed >= 5);
	forger_close(h);
	free(h);
}

static void version_1(void **state)
{
	(void)state;
	believe_all(SNMP_V1);
}

static void version_2c(void **state)
{
	(void)state;
	believe_all(SNMP_V2C);
}

static void version_3(void **state)
{
	(void)state;
	believe_all(SNMP_V3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_1),
		cmocka_unit_test(version_2c),
		cmocka_unit_test(version_3),
	};
	return cmocka_run_group_tests_name(
		"loop/snmp_client without its checks", tests, NULL, NULL);
}
