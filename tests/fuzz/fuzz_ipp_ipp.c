/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as an IPP response: the reader stays inside them and ends, and the reading is valid
 * (limits, statuses, a reason for every error, text in UTF-8). */
#include "proto/ipp/ipp.h"
#include "proto/ipp/ipp_reading.h"
#include "proto/reading/reading_merge.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void check_text(struct text t)
{
	check(t.len == 0 || (str_is_utf8((const uint8_t *)t.p, t.len) && t.p[t.len] == '\0'));
}

/* It ends, behind any number of errors, and its values stay inside the response. */
static void check_recovery(const uint8_t *data, struct ipp_reader *r)
{
	struct ipp_item item;
	struct ipp_damage damage;
	while (r->error < 0 && ipp_recover(r, &damage) == 1) {
		check(r->at <= r->len && damage.at <= r->len && damage.why != NULL);
		check(damage.name.len + damage.before.len <= 2 * UINT8_MAX);
		while (ipp_next(r, &item) == 1)
			check(item.value.p >= data &&
				item.value.p + item.value.len <= data + r->len);
	}
	check(r->values <= LIMIT_IPP_VALUES + 1);
}

static void check_reader(const uint8_t *data, size_t size)
{
	struct ipp_reader r;
	struct ipp_head head;
	struct ipp_item item;
	size_t last = 0;
	if (ipp_open(&r, &head, data, size) < 0)
		return;
	int n;
	while ((n = ipp_next(&r, &item)) == 1) {
		check(item.at > last && item.at < size && item.depth <= LIMIT_IPP_DEPTH);
		check(item.value.p >= data && item.value.len <= size);
		check(item.value.p + item.value.len <= data + size);
		check(item.name.len > 0);
		last = item.at;
	}
	check(n <= 0 && r.values <= LIMIT_IPP_VALUES + 1);
	check_recovery(data, &r);
}

static void check_rows(const struct reading *r, bool is_whole)
{
	unsigned meters = 0, supplies = 0, alerts = 0;
	for (const struct meter *m = r->meters; m != NULL; m = m->next, meters++) {
		check(m->name < METER_NAME_COUNT && m->quality < QUALITY_COUNT);
		check_text(m->source);
		check_text(m->label);
	}
	for (const struct supply *s = r->supplies; s != NULL; s = s->next, supplies++) {
		check(s->index > 0 && s->level_kind < LEVEL_KIND_COUNT && supply_percent(s) <= 100);
		check(s->next == NULL || s->next->index != s->index);
		check_text(s->description);
		check_text(s->colorant);
	}
	for (const struct alert *a = r->alerts; a != NULL; a = a->next, alerts++) {
		check(a->index > 0);
		check_text(a->description);
	}
	check(meters == r->meter_count && supplies == r->supply_count && alerts == r->alert_count);
	unsigned subunits = 0;
	for (const struct subunit *s = r->subunits; s != NULL; s = s->next, subunits++) {
		check(s->index > 0 && (s->kind == SUBUNIT_TRAY || s->kind == SUBUNIT_BIN));
		check(s->level >= -3 && s->max >= -3);
		check_text(s->name);
	}
	check(subunits == r->subunit_count && r->identity.confidence <= 100);
	check_text(r->identity.device_id);
	check_text(r->identity.vendor);
	check_text(r->identity.model);
	check_text(r->identity.serial);
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		check(is_whole || r->group[g].status == GROUP_PARTIAL ||
			r->group[g].status == GROUP_FAILED);
	check(r->supply_count == 0 || r->group[GROUP_SUPPLIES].status >= GROUP_COMPLETE);
}

/* Merged into an empty reading without SNMP: all of it, once. */
static void check_merge(const struct reading *r, struct slab *blocks)
{
	struct reading into;
	reading_open(&into, blocks);
	bool is_told = false;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		into.group[g].status = GROUP_FAILED;
		is_told = is_told || r->group[g].status == GROUP_COMPLETE ||
			  r->group[g].status == GROUP_PARTIAL;
	}
	unsigned gained = reading_merge(&into, r);
	check((gained != 0) == is_told && into.supply_count == r->supply_count);
	check(into.subunit_count == r->subunit_count && into.meter_count <= r->meter_count);
	check(reading_merge(&into, r) == 0);
	reading_close(&into);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct slab blocks;
	struct reading r;
	char why[LIMIT_WHY];
	if (blocks.max == 0 &&
		slab_open(&blocks, LIMIT_ARENA_BLOCK, 2 * LIMIT_ARENA_BLOCKS_ONE) < 0)
		abort();
	check_reader(data, size);
	reading_open(&r, &blocks);
	int err = ipp_decode(&r, models_builtin(), data, size, why, sizeof why);
	check((err == 0) == (why[0] == '\0'));
	check_rows(&r, err >= 0);
	if (err == 0 && !r.arena.is_full)
		check_merge(&r, &blocks);
	reading_close(&r);
	check(blocks.used == 0);
	return 0;
}
