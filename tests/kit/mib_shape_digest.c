/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/mib_shape_digest.h"

static uint64_t mix(uint64_t sum, uint64_t v)
{
	sum = (sum ^ v) * UINT64_C(0x9fb21c651e98df25);
	return sum ^ sum >> 29;
}

static uint64_t mix_text(uint64_t sum, struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		sum = mix(sum, (uint8_t)t.p[i]);
	return mix(sum, t.len);
}

static uint64_t mix_object(uint64_t sum, struct oid_ber o)
{
	return mix_text(sum, (struct text){(const char *)o.p, o.len});
}

static void add_digest(
	struct digests *d, unsigned kind, uint32_t device, uint32_t index, uint64_t sum)
{
	CHECK(d->count < DIGESTS);
	d->row[d->count++] = (struct digest){
		.kind = (uint8_t)kind, .device = device, .index = index, .sum = sum};
}

static void add_head(struct digests *d, const struct reading *r)
{
	const struct identity *i = &r->identity;
	const struct printer_state *s = &r->state;
	const struct text texts[] = {i->vendor, i->model, i->serial, i->sys_descr, i->sys_object_id,
		i->mac, i->name, i->device_id, s->console};
	uint64_t sum = 0;
	for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++)
		sum = mix_text(sum, texts[t]);
	MIX(i->is_printer), MIX(i->why), MIX(i->confidence), MIX(i->uptime_cs);
	for (const struct firmware *f = i->firmware; f != NULL; f = f->next)
		sum = mix_text(mix_text(sum, f->name), f->version);
	MIX(s->device_status), MIX(s->printer_status), MIX(s->service_mode), MIX(s->has_errors);
	MIX(s->errors), MIX(s->critical_events), MIX(s->all_events);
	MIX(r->pages_per_minute), MIX(r->pages_per_minute_color), MIX(r->sources);
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		MIX(r->group[g].status);
	add_digest(d, DIGEST_HEAD, 0, 0, sum);
}

static void add_rows(struct digests *d, const struct reading *r)
{
	for (const struct meter *m = r->meters; m != NULL; m = m->next) {
		uint64_t sum = mix_object(mix_text(0, m->label), m->object);
		MIX(m->name), MIX(m->unit), MIX(m->quality), MIX(m->value), MIX(m->index);
		add_digest(d, DIGEST_METER, m->device, m->index >> 1, sum);
	}
	for (const struct supply *s = r->supplies; s != NULL; s = s->next) {
		uint64_t sum = mix_text(mix_text(0, s->description), s->colorant);
		sum = mix_text(mix_text(sum, s->part), s->serial);
		MIX(s->type), MIX(s->supply_class), MIX(s->unit), MIX(s->level_kind);
		MIX(s->has_level), MIX(s->has_max), MIX(s->has_level ? s->level : 0);
		MIX(s->has_max ? s->max : 0), MIX(s->colorant_index), MIX(s->source);
		add_digest(d, DIGEST_SUPPLY, s->device, s->index, sum);
	}
	for (const struct alert *a = r->alerts; a != NULL; a = a->next) {
		uint64_t sum = mix_text(0, a->description);
		MIX(a->severity), MIX(a->training), MIX(a->group), MIX(a->group_index);
		MIX(a->location), MIX(a->code), MIX(a->time_cs);
		add_digest(d, DIGEST_ALERT, a->device, a->index, sum);
	}
}

static void add_more_rows(struct digests *d, const struct reading *r)
{
	for (const struct option *o = r->options; o != NULL; o = o->next) {
		uint64_t sum = mix_text(mix_text(0, o->name), o->value);
		add_digest(d, DIGEST_OPTION + 16u * o->kind, o->device, o->index, sum);
	}
	for (const struct subunit *s = r->subunits; s != NULL; s = s->next) {
		uint64_t sum = mix_text(mix_text(mix_text(0, s->name), s->description), s->media);
		MIX(s->type), MIX(s->unit), MIX(s->has_status ? s->status : 0);
		MIX(s->has_level ? s->level : 0), MIX(s->has_max ? s->max : 0);
		MIX(s->has_status), MIX(s->has_level), MIX(s->has_max);
		add_digest(d, DIGEST_SUBUNIT + 16u * s->kind, s->device, s->index, sum);
	}
	for (const struct maintenance *m = r->maintenance; m != NULL; m = m->next) {
		uint64_t sum = mix_object(mix_text(mix_text(0, m->name), m->colorant), m->object);
		sum = mix_text(sum, m->installed);
		MIX(m->type), MIX(m->unit), MIX(m->life), MIX(m->used), MIX(m->left);
		MIX(m->percent_x100);
		add_digest(d, DIGEST_PART, m->device, m->index, sum);
	}
}

void digest_reading(struct digests *d, const struct reading *r)
{
	d->count = 0;
	add_head(d, r);
	add_rows(d, r);
	add_more_rows(d, r);
}
