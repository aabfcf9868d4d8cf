/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/faults.h"

#include "proto/base/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const fault_names[FAULTS] = {"only-v3", "only-v1", "no-v3", "no-v2c", "no-v1",
	"max-varbinds", "max-bytes", "no-bulk", "slow", "late", "trickle", "wrong-source",
	"wrong-port", "id16", "endless", "down", "pair", "same", "huge", "copies", "garbage",
	"crash-on-varbinds", "crash-on-missing", "crash-on-rate", "crash-on-bulk", "crash-on-bytes",
	"crash-on-set", "forge-community", "forge-version", "forge-id", "forge-report", "forge-get",
	"forge-set", "forge-trap", "forge-oid", "forge-source", "forge-port", "forge-replay",
	"forge-level", "forge-engine", "forge-digest", "forge-msgid"};

enum fault fault_find(const char *name, size_t len)
{
	int t = 0;
	while (t < FAULTS &&
		(strlen(fault_names[t]) != len || memcmp(fault_names[t], name, len) != 0))
		t++;
	return (enum fault)t;
}

int fault_set(struct printer *p, enum fault t, uint32_t value)
{
	if (p->faults == NULL && value == 0)
		return 0;
	if (p->faults == NULL)
		p->faults = calloc(1, sizeof *p->faults);
	if (p->faults == NULL)
		return -ENOMEM;
	struct faults *all = p->faults;
	all->value[t] = value;
	all->is_crash_prone = all->is_forging = false;
	for (int i = FAULT_FIRST_CRASH; i < FAULTS; i++) {
		if (i < FAULT_FIRST_FORGED)
			all->is_crash_prone = all->is_crash_prone || all->value[i] != 0;
		else
			all->is_forging = all->is_forging || all->value[i] != 0;
	}
	return 0;
}

void faults_free(struct faults *t)
{
	if (t == NULL)
		return;
	free(t->old);
	free(t);
}

static int by_hash(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return x[0] != y[0] ? (x[0] < y[0] ? -1 : 1) : x[1] < y[1] ? -1 : x[1] > y[1];
}

/* Chooses exactly this share, rounded down, by the seed. */
static int pick_share(const struct fleet *f, unsigned percent, uint64_t salt, uint8_t *chosen)
{
	size_t count = f->count - f->others, share = count * percent / 100;
	uint64_t(*order)[2] = malloc(count * sizeof *order);
	if (order == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		order[i][0] = fleet_hash(f->seed ^ salt, i);
		order[i][1] = i;
	}
	qsort(order, count, sizeof *order, by_hash);
	for (size_t i = 0; i < share; i++)
		chosen[order[i][1]] = 1;
	free(order);
	return 0;
}

int faults_pick(const struct fleet *f, const char *text, uint64_t salt, uint8_t *chosen)
{
	char *end;
	memset(chosen, 0, f->count);
	if (strcmp(text, "all") == 0) {
		memset(chosen, 1, f->count - f->others);
		return 0;
	}
	unsigned long share = strtoul(text, &end, 10);
	if (end != text && strcmp(end, "%") == 0)
		return share <= 100 ? pick_share(f, (unsigned)share, salt, chosen) : ERR_USAGE;
	while (*text != '\0') {
		unsigned long first = strtoul(text, &end, 10), last = first;
		bool is_wrong = end == text;
		if (*end == '-') {
			text = end + 1;
			last = strtoul(text, &end, 10);
			is_wrong = is_wrong || end == text;
		}
		if (is_wrong || (*end != ',' && *end != '\0') || last < first || last >= f->count)
			return ERR_USAGE;
		memset(chosen + first, 1, last - first + 1);
		text = end + (*end == ',' ? 1 : 0);
	}
	return 0;
}

static int wrong_list(const struct fleet *f, const char *text, char why[LIMIT_WHY])
{
	snprintf(why, LIMIT_WHY, "\"%.80s\": numbers below %zu as 3,5,7-9, a share as 20%%, or all",
		text, f->count);
	return ERR_USAGE;
}

int faults_give(struct fleet *f, const char *text, char why[LIMIT_WHY])
{
	const char *list = strchr(text, '@');
	size_t len = strcspn(text, "=@");
	enum fault t = fault_find(text, len);
	uint64_t value = 1;
	if (t == FAULTS || list == NULL) {
		snprintf(why, LIMIT_WHY,
			"\"%.80s\": NAME[=VALUE]@LIST expected, with a name of "
			"docs/sim.md",
			text);
		return ERR_USAGE;
	}
	if (text[len] == '=') {
		char number[16];
		size_t n = (size_t)(list - (text + len + 1));
		bool fits = n < sizeof number;
		if (fits)
			snprintf(number, sizeof number, "%.*s", (int)n, text + len + 1);
		if (!fits || str_to_u64(number, 1, UINT32_MAX, &value) < 0) {
			snprintf(why, LIMIT_WHY, "\"%.80s\": the value must be a number from 1",
				text);
			return ERR_USAGE;
		}
	}
	uint8_t *chosen = malloc(f->count);
	int err = chosen == NULL ? -ENOMEM : faults_pick(f, list + 1, 0x7ee7u + t, chosen);
	if (err == ERR_USAGE)
		(void)wrong_list(f, list + 1, why);
	for (size_t i = 0; err == 0 && i < f->count; i++)
		if (chosen[i] != 0)
			err = fault_set(&f->printers[i], t, (uint32_t)value);
	free(chosen);
	return err;
}

int faults_share_engine(struct fleet *f, const char *list, char why[LIMIT_WHY])
{
	uint8_t *chosen = malloc(f->count);
	int err = chosen == NULL ? -ENOMEM : faults_pick(f, list, 0xd0b1e, chosen);
	const struct engine *first = NULL;
	if (err == ERR_USAGE)
		(void)wrong_list(f, list, why);
	for (size_t i = 0; err == 0 && i < f->count; i++) {
		if (chosen[i] == 0)
			continue;
		struct engine *e = &f->printers[i].engine;
		if (first == NULL)
			first = e;
		memcpy(e->id, first->id, sizeof e->id);
		e->len = first->len;
	}
	free(chosen);
	return err;
}
