/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/model_set.h"

int add_text(struct models *set, const char *yaml, char why[LIMIT_WHY])
{
	return models_add(set, "file.yaml", (const uint8_t *)yaml, strlen(yaml), why);
}

void open_set(struct models *set)
{
	assert_int_equal(models_open(set), 0);
}

void must_add(struct models *set, const char *file, const char *yaml)
{
	char why[LIMIT_WHY] = "";
	int err = models_add(set, file, (const uint8_t *)yaml, strlen(yaml), why);
	assert_string_equal(why, "");
	assert_int_equal(err, 0);
}

void must_finish(struct models *set)
{
	char why[LIMIT_WHY] = "";
	int err = models_finish(set, why);
	assert_string_equal(why, "");
	assert_int_equal(err, 0);
}

void set_of(struct models *set, const char *yaml)
{
	open_set(set);
	must_add(set, "file.yaml", yaml);
	must_finish(set);
}

void assert_text(struct text t, const char *want)
{
	char said[512];
	(void)snprintf(said, sizeof said, "%.*s", TEXT_ARG(t));
	assert_string_equal(said, want);
}

void assert_oid(struct oid_ber ber, const char *want)
{
	struct oid oid;
	char dotted[1024];
	assert_int_equal(oid_decode(&oid, ber), 0);
	assert_true(oid_to_text(dotted, sizeof dotted, &oid) > 0);
	assert_string_equal(dotted, want);
}

const struct model *family(const struct models *set, const char *name)
{
	for (unsigned i = 0; i < set->count; i++) {
		if (text_is(set->model[i].name, name))
			return &set->model[i];
	}
	fail_msg("no family %s", name);
	return NULL;
}

struct oid_ber ber_of(uint8_t *room, const char *dotted)
{
	struct oid oid;
	assert_int_equal(oid_from_text(&oid, dotted), 0);
	int len = oid_encode(room, LIMIT_OID_BER, &oid);
	assert_true(len > 0);
	return (struct oid_ber){room, (size_t)len};
}
