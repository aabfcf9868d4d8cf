/* SPDX-License-Identifier: Apache-2.0
 * Responses with one malformed attribute: each value of every other attribute is read, before it
 * and behind it, its group says so, and the reason is given. */
#include "tests/kit/ipp_damage.h"

#include "proto/document/json.h"
#include "proto/ipp/ipp_reading.h"
#include "tests/counts.h"

#include <stdio.h>
#include <stdlib.h>

enum { ITEMS = DAMAGE_ATTRIBUTES * DAMAGE_VALUES, JSON_BYTES = 1u << 17 };

struct kept {
	size_t at, value_at;
	struct ipp_item item;
};

/* The items that a reader returned, without those in the malformed attribute. */
struct items {
	struct kept kept[ITEMS];
	unsigned count;
	unsigned damages;
	int err;
	const char *wrong; /* what cannot be, or NULL */
};

static struct slab blocks;
static struct damage_response made;
static struct ipp_message broken;
static struct items wanted, got;

/* The offset in the well-formed response; 0: it lies in the malformed attribute. */
static size_t place(size_t at, size_t begin, size_t end, size_t was_end)
{
	return at < begin ? at : at < end ? 0 : at - end + was_end;
}

static void read_items(struct items *to, const struct ipp_message *m,
	const struct damage_attribute *a, size_t end, bool is_recovering)
{
	struct ipp_reader r;
	struct ipp_head head;
	struct ipp_item item;
	struct ipp_damage damage;
	size_t last = 0;
	to->count = to->damages = 0;
	to->wrong = NULL;
	to->err = ipp_open(&r, &head, m->bytes, m->n);
	while (to->err == 0) {
		int n;
		while ((n = ipp_next(&r, &item)) == 1) {
			size_t at = place(item.at, a->begin, end, a->end);
			last = item.at;
			if (at == 0)
				continue;
			if (to->count == ITEMS) {
				to->wrong = "more values than there are";
				return;
			}
			to->kept[to->count++] = (struct kept){
				at, at + (size_t)(item.value.p - m->bytes) - item.at, item};
		}
		to->err = n;
		if (n == 0 || !is_recovering || ipp_recover(&r, &damage) == 0)
			return;
		to->err = 0;
		to->damages++;
		if (damage.is_last_value && place(last, a->begin, end, a->end) != 0)
			to->wrong = "a value of another attribute is given up";
		if (to->damages > ITEMS)
			to->wrong = "no end";
		if (to->wrong != NULL)
			return;
	}
}

static bool is_same_item(const struct kept *a, const struct kept *b)
{
	const struct ipp_item *x = &a->item, *y = &b->item;
	return a->at == b->at && a->value_at == b->value_at && x->group == y->group &&
	       x->depth == y->depth && x->nth == y->nth && x->value.tag == y->value.tag &&
	       x->value.len == y->value.len && text_is_equal(x->name, y->name) &&
	       text_is_equal(x->member, y->member);
}

/* NULL, or what is not as it should be. */
static const char *compare(const struct items *is, const struct items *should)
{
	if (is->wrong != NULL)
		return is->wrong;
	for (unsigned i = 0; i < should->count; i++) {
		if (i == is->count)
			return "values behind it are lost";
		if (!is_same_item(&is->kept[i], &should->kept[i]))
			return "a value of another attribute is lost or changed";
	}
	return is->count > should->count ? "values that were not sent"
	       : is->err < 0             ? "an error"
					 : NULL;
}

/* ---- readings --------------------------------------------------------------------------- */

static int decode(struct reading *r, const struct ipp_message *m, char why[LIMIT_WHY])
{
	uint8_t *exact = malloc(m->n);
	assert_non_null(exact);
	memcpy(exact, m->bytes, m->n);
	int err = ipp_decode(r, models_builtin(), exact, m->n, why, LIMIT_WHY);
	free(exact);
	return err;
}

static size_t text_of_groups(char *dst, const struct reading *r, unsigned mask)
{
	struct buf b;
	struct writer w;
	buf_over(&b, (uint8_t *)dst, JSON_BYTES);
	writer_open(&w, &b);
	json_device(&w, NULL, NULL, r, mask);
	assert_int_equal(writer_close(&w), 0);
	return b.len;
}

/* The group of an attribute of the generator. */
static unsigned group_of(const char *name)
{
	static const char *const prefix[GROUP_COUNT][6] = {
		[GROUP_IDENTITY] = {"printer-make", "printer-device", "printer-serial",
			"printer-uuid", "printer-firmware", "printer-up-time"},
		[GROUP_METERS] = {"printer-impressions", "printer-media-sheets"},
		[GROUP_SUPPLIES] = {"printer-supply", "marker-"},
		[GROUP_ALERTS] = {"printer-alert"},
		[GROUP_STATE] = {"printer-state"},
		[GROUP_MEDIA] = {"printer-input", "pages-per", "media-"}};
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		for (unsigned i = 0; i < 6 && prefix[g][i] != NULL; i++) {
			if (strncmp(name, prefix[g][i], strlen(prefix[g][i])) == 0)
				return g;
		}
	}
	return GROUP_OPTIONS;
}

static const char *compare_readings(unsigned k, enum damage_kind kind, char why[LIMIT_WHY])
{
	static char before[JSON_BYTES], after[JSON_BYTES];
	struct reading whole, part;
	const char *wrong = NULL;
	unsigned g = group_of(made.attribute[k].name);
	unsigned others = ((1u << GROUP_COUNT) - 1) & ~(1u << g);
	reading_open(&whole, &blocks);
	reading_open(&part, &blocks);
	assert_int_equal(decode(&whole, &made.m, why), 0);
	int err = decode(&part, &broken, why);
	/* A name that is gone may have been one of any group. */
	bool is_nameless = kind == DAMAGE_NAME_BYTES || kind == DAMAGE_NAME_EMPTY ||
			   kind == DAMAGE_NAME_LENGTH || strstr(why, "unknown") != NULL;
	unsigned status = part.group[g].status;
	for (unsigned i = 0; i < GROUP_COUNT && is_nameless; i++)
		part.group[i].status = whole.group[i].status;
	size_t n = text_of_groups(before, &whole, others);
	if (n != text_of_groups(after, &part, others) || memcmp(before, after, n) != 0)
		wrong = "another group is not as before";
	else if (err < 0)
		wrong = why;
	else if ((err == 0) != (why[0] == '\0'))
		wrong = "a reason without damage, or damage without one";
	else if (err > 0 && !is_nameless && status != GROUP_PARTIAL)
		wrong = "its group does not say partial";
	else if (err == 0 && whole.group[g].status != status)
		wrong = "a status without a reason";
	reading_close(&whole);
	reading_close(&part);
	return wrong;
}

/* ---- tests ------------------------------------------------------------------------------ */

struct totals {
	unsigned long cases, lost;
	unsigned long by_kind[DAMAGE_KINDS];
};

static void run(struct totals *t, unsigned long count, bool is_recovering)
{
	uint64_t seed = 0x9e3779b97f4a7c15u;
	char why[LIMIT_WHY] = "";
	*t = (struct totals){0};
	while (t->cases < count) {
		uint64_t began = seed;
		size_t end;
		damage_make(&made, &seed);
		unsigned k = damage_random(&seed, made.count);
		enum damage_kind kind = damage_random(&seed, DAMAGE_KINDS);
		const struct damage_attribute *a = &made.attribute[k];
		if (!damage_apply(&broken, &end, &made, k, kind, &seed))
			continue;
		read_items(&wanted, &made.m, a, a->end, false);
		assert_int_equal(wanted.err, 0);
		read_items(&got, &broken, a, end, is_recovering);
		const char *wrong = compare(&got, &wanted);
		if (is_recovering && wrong == NULL)
			wrong = compare_readings(k, kind, why);
		t->cases++;
		t->by_kind[kind]++;
		if (wrong == NULL)
			continue;
		t->lost++;
		if (is_recovering)
			print_error("seed %llu, %s, %s: %s (%s)\n", (unsigned long long)began,
				a->name, damage_kind_name(kind), wrong, why);
		if (is_recovering && t->lost == 20)
			break;
	}
}

static void test_malformed_attribute_costs_itself_alone(void **state)
{
	struct totals t;
	(void)state;
	run(&t, test_count("IPP_DAMAGE"), true);
	for (unsigned kind = 0; kind < DAMAGE_KINDS; kind++)
		assert_true(t.by_kind[kind] > 0);
	print_message("%lu responses with one malformed attribute, %lu of them lost more\n",
		t.cases, t.lost);
	assert_int_equal(t.lost, 0);
}

/* The control: a reader that stops at the error loses what is behind it, and that is seen. */
static void test_reader_that_stops_is_found(void **state)
{
	struct totals t;
	(void)state;
	run(&t, 2000, false);
	assert_true(t.lost > t.cases / 2);
}

static int open_blocks(void **state)
{
	(void)state;
	return slab_open(&blocks, LIMIT_ARENA_BLOCK, 2 * LIMIT_ARENA_BLOCKS_ONE);
}

static int close_blocks(void **state)
{
	(void)state;
	assert_int_equal(blocks.used, 0);
	slab_close(&blocks);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_malformed_attribute_costs_itself_alone),
		cmocka_unit_test(test_reader_that_stops_is_found),
	};
	return cmocka_run_group_tests(tests, open_blocks, close_blocks);
}
