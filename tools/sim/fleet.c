/* SPDX-License-Identifier: Apache-2.0
 * Identities of the printers, and their numbers as a function of time. */
#include "tools/sim/fleet.h"
#include "tools/sim/faults.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const broken_names[BROKEN_COUNT] = {
	"off", "garbage", "cut", "too-big", "gen-err", "wrong-id", "loop", "twice"};

/* splitmix64's finalizer over two words. */
uint64_t fleet_hash(uint64_t a, uint64_t b)
{
	uint64_t z = a + 0x9e3779b97f4a7c15ull * (b + 1);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* Purposes of randomness of one printer. */
enum {
	FOR_SERIAL = 1,
	FOR_PHASE,
	FOR_JOBS,
	FOR_BOOT,
	FOR_STEP = 1000,
	FOR_RATE = 2000,
	FOR_JOB = 3000
};

static void make_serial(struct printer *p, size_t number)
{
	static const char letters[] = "ABCDEFGHJKLMNPRSTUVWXYZ";
	const char *pattern = p->profile->serial;
	uint64_t r = fleet_hash(p->id, FOR_SERIAL);
	size_t n = strlen(pattern);
	/* The digits from the right are the printer's number, so that no two serials are equal. */
	for (size_t i = n; i-- > 0;) {
		if (pattern[i] == '#') {
			p->serial[i] = (char)('0' + number % 10);
			number /= 10;
		} else if (pattern[i] == '@') {
			p->serial[i] = letters[r % (sizeof letters - 1)];
			r /= sizeof letters - 1;
		} else {
			p->serial[i] = pattern[i];
		}
	}
	p->serial[n] = '\0';
}

/* Identity of device number i. */
static int make_printer(struct fleet *f, const struct fleet_options *o, size_t i)
{
	struct printer *p = &f->printers[i];
	p->profile = i < o->printers ? o->profiles[i % o->profile_count]
				     : o->other_profiles[(i - o->printers) % o->other_count];
	p->id = fleet_hash(o->seed, i);
	if (o->job_interval_ms > 0)
		p->phase_ms = (uint32_t)(fleet_hash(p->id, FOR_PHASE) % o->job_interval_ms);
	p->jobs_before = 2000 + (uint32_t)(fleet_hash(p->id, FOR_JOBS) % 20000);
	/* Up for one to thirty days at the epoch. */
	p->boot_ms = o->epoch_ms - 86400000ull - fleet_hash(p->id, FOR_BOOT) % (29ull * 86400000);
	make_serial(p, i);
	engine_make(f, p);
	return p->profile->is_v3_only ? fault_set(p, FAULT_ONLY_V3, 1) : 0;
}

static size_t max_vars(const struct profile *const *list, size_t count, size_t most)
{
	for (size_t i = 0; i < count; i++)
		if (list[i]->var_count > most)
			most = list[i]->var_count;
	return most;
}

int fleet_open(struct fleet *f, const struct fleet_options *o)
{
	if (o->profile_count == 0 || (o->others > 0 && o->other_count == 0))
		return ERR_RANGE;
	*f = (struct fleet){.count = o->printers + o->others,
		.others = o->others,
		.seed = o->seed,
		.epoch_ms = o->epoch_ms,
		.job_interval_ms = o->job_interval_ms};
	struct addresses_options addresses = o->addresses;
	addresses.count = f->count;
	addresses.seed = o->seed;
	int err = addresses_open(&f->addresses, &addresses);
	if (err < 0)
		return err;
	f->stride = max_vars(o->profiles, o->profile_count, VAR_FIRST_FREE);
	f->stride = max_vars(o->other_profiles, o->other_count, f->stride);
	f->printers = calloc(f->count, sizeof *f->printers);
	f->traffic = calloc(f->count, sizeof *f->traffic);
	f->vars = calloc(f->count, f->stride * sizeof *f->vars);
	err = f->printers == NULL || f->traffic == NULL || f->vars == NULL ? -ENOMEM : 0;
	for (size_t i = 0; err == 0 && i < f->count; i++)
		err = make_printer(f, o, i);
	if (err < 0)
		fleet_close(f);
	return err;
}

void fleet_close(struct fleet *f)
{
	for (size_t i = 0; f->printers != NULL && i < f->count; i++) {
		faults_free(f->printers[i].faults);
		struct history *h = f->printers[i].history;
		if (h == NULL)
			continue;
		for (size_t k = 0; k < h->count; k++)
			free((void *)h->list[k].bytes);
		free(h->list);
		free(h->now);
		free(h);
	}
	for (size_t i = 0; f->traffic != NULL && i < f->count; i++)
		free(f->traffic[i].fatal_bytes);
	free(f->traffic);
	free(f->printers);
	free(f->vars);
	addresses_close(&f->addresses);
	*f = (struct fleet){0};
}

/* Position of a printer in its jobs: number of the last job begun, and the part of it. In the first
 * two fifths of an interval it prints, in the next two an event may occur, in the last it sleeps.
 */
struct place {
	uint64_t job;
	unsigned part;
	uint64_t from_ms, until_ms;
};

static struct place place_at(const struct fleet *f, const struct printer *p, uint64_t at_ms)
{
	uint64_t first = f->epoch_ms + p->phase_ms, every = f->job_interval_ms;
	if (every == 0)
		return (struct place){p->jobs_before, 2, 0, UINT64_MAX};
	if (at_ms < first)
		return (struct place){p->jobs_before, 2, 0, first};
	uint64_t n = (at_ms - first) / every, start = first + n * every, in = at_ms - start;
	uint64_t stop = every * 2 / 5, rest = every * 4 / 5;
	struct place where = {p->jobs_before + 1 + n, 2, start + rest, start + every};
	if (in < stop)
		where = (struct place){where.job, 0, start, start + stop};
	else if (in < rest)
		where = (struct place){where.job, 1, start + stop, start + rest};
	return where;
}

/* Pages of one kind after `job` jobs: each job adds its rate on average and at least 0, because the
 * random part stays below one job's rate. */
static uint32_t basis_at(const struct printer *p, unsigned basis, uint64_t job)
{
	uint64_t rate = p->profile->rate[basis];
	if (rate == 0)
		return 0;
	rate = rate / 2 + fleet_hash(p->id, FOR_RATE + basis) % (rate + 1);
	uint64_t spread = fleet_hash(p->id, FOR_JOB + basis + (job << 16)) % (rate + 1);
	return (uint32_t)((job * rate + spread) >> 8);
}

static uint32_t pages_at(
	const struct fleet *f, const struct printer *p, uint64_t at_ms, size_t changes)
{
	uint64_t job = place_at(f, p, at_ms).job;
	uint32_t pages = 0;
	for (unsigned b = BASIS_PRINT_MONO; b <= BASIS_FAX_MONO; b++)
		pages += basis_at(p, b, job);
	for (size_t i = 0; i < changes; i++) {
		const struct change *c = &p->history->list[i];
		if (c->kind == CHANGE_ADVANCE && c->basis <= BASIS_FAX_MONO)
			pages += c->pages;
	}
	return pages;
}

static void step_let(const struct profile *p, const struct step *s, uint32_t *vars)
{
	int64_t sum = 0;
	for (size_t i = s->first_term; i < (size_t)s->first_term + s->terms; i++) {
		const struct term *t = &p->terms[i];
		int64_t v = t->var < 0 ? t->constant : vars[t->var];
		if (t->percent != 100)
			v = v * t->percent / 100;
		sum += t->sign < 0 ? -v : v;
	}
	vars[s->var] = sum < 0 ? 0 : (uint32_t)sum;
}

/* A supply wears from full to empty, stays empty for a hundredth of its yield, and is replaced. */
static uint64_t step_supply(const struct printer *p, const struct step *s, uint32_t *vars)
{
	uint32_t round = s->yield + s->yield / 100 + 1;
	uint64_t used = vars[s->uses] + fleet_hash(p->id, FOR_STEP + s->var) % round;
	uint32_t worn = (uint32_t)(used % round);
	uint32_t left = worn >= s->yield
				? 0
				: s->capacity - (uint32_t)((uint64_t)worn * s->capacity / s->yield);
	vars[s->replaced] = (uint32_t)(used / round);
	vars[s->var] = left;
	if (left == 0)
		return 3ull << s->cond;
	return (uint64_t)left * 100 < (uint64_t)s->capacity * s->low_percent ? 1ull << s->cond : 0;
}

static uint64_t step_event(
	const struct printer *p, const struct step *s, struct place where, uint32_t *vars)
{
	uint64_t jobs = where.job + fleet_hash(p->id, FOR_STEP + s->var) % s->every;
	bool is_its_job = jobs % s->every == 0;
	/* The count moves when the event begins, in the second part of the job. */
	vars[s->var] = (uint32_t)(jobs / s->every) - (is_its_job && where.part == 0 ? 1 : 0);
	return is_its_job && where.part == 1 ? 1ull << s->cond : 0;
}

/* Numbers and conditions that follow from the position in the jobs and the counters. */
static uint64_t run_steps(const struct printer *p, struct place where, uint32_t *vars)
{
	const struct profile *prof = p->profile;
	uint64_t conds = where.part == 0   ? 1ull << COND_PRINTING
			 : where.part == 2 ? 1ull << COND_SLEEPING
					   : 0;
	for (size_t i = 0; i < prof->step_count; i++) {
		const struct step *s = &prof->steps[i];
		switch (s->kind) {
		case STEP_LET:
			step_let(prof, s, vars);
			break;
		case STEP_SUPPLY:
			conds |= step_supply(p, s, vars);
			break;
		case STEP_EVENT:
			conds |= step_event(p, s, where, vars);
			break;
		}
	}
	return conds;
}

void fleet_at(const struct fleet *f, const struct printer *p, uint64_t at_ms, size_t changes,
	struct instant *ret)
{
	struct place where = place_at(f, p, at_ms);
	uint32_t pages_at_boot = 0;
	bool is_rebooted = false;
	ret->from_ms = where.from_ms;
	ret->until_ms = where.until_ms;
	ret->boot_ms = p->boot_ms;
	ret->changes = changes;
	ret->is_up = !p->is_silent;
	for (unsigned b = 0; b < BASIS_COUNT; b++)
		ret->vars[b] = basis_at(p, b, where.job);
	uint32_t boots = 1 + (uint32_t)(p->id % 40);
	for (size_t i = 0; i < changes; i++) {
		const struct change *c = &p->history->list[i];
		if (c->at_ms > ret->from_ms)
			ret->from_ms = c->at_ms;
		switch ((enum change_kind)c->kind) {
		case CHANGE_SET:
			break;
		case CHANGE_ADVANCE:
			ret->vars[c->basis] += c->pages;
			break;
		case CHANGE_STOP:
			ret->is_up = false;
			break;
		case CHANGE_START:
			ret->is_up = true;
			break;
		case CHANGE_REBOOT:
			ret->boot_ms = c->at_ms;
			pages_at_boot = c->pages;
			is_rebooted = true;
			boots++;
			break;
		}
	}
	if (p->history != NULL && changes < p->history->count &&
		p->history->list[changes].at_ms < ret->until_ms)
		ret->until_ms = p->history->list[changes].at_ms;
	uint32_t pages = 0;
	for (unsigned b = BASIS_PRINT_MONO; b <= BASIS_FAX_MONO; b++)
		pages += ret->vars[b];
	if (!is_rebooted)
		pages_at_boot = pages_at(f, p, f->epoch_ms, 0);
	ret->vars[VAR_SINCE_BOOT] = pages - pages_at_boot;
	ret->vars[VAR_BOOTS] = boots;
	ret->vars[VAR_ENGINE_TIME] = 0; /* a clock: fleet_row_value makes it */
	ret->conds = run_steps(p, where, ret->vars);
}

void fleet_renew(struct fleet *f, struct printer *p, uint64_t now_ms)
{
	struct instant in;
	size_t changes = p->history == NULL ? 0 : p->history->count;
	fleet_at(f, p, now_ms, changes, &in);
	p->from_ms = in.from_ms;
	p->until_ms = in.until_ms;
	p->conds = in.conds;
	p->boot_now_ms = in.boot_ms;
	p->is_up = in.is_up;
	memcpy(f->vars + fleet_number(f, p) * f->stride, in.vars,
		p->profile->var_count * sizeof in.vars[0]);
}
