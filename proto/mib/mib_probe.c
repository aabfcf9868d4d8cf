/* SPDX-License-Identifier: Apache-2.0
 * A printer that nobody's words fit: its sysDescr is a site's own text, or it has none. All
 * families are asked at once: for their 1284 device id, and, if that says nothing, whether there is
 * anything in a table of theirs. */
#include "proto/mib/mib_internal.h"

#include <string.h>

enum { PROBE_POINTS = 1 };

/* The family's 1284 device id, where it has one of its own. */
static const struct model_get *id_of(const struct models *set, unsigned family)
{
	const struct model *model = &set->model[family];
	for (unsigned i = 0; i < model->get_count; i++) {
		const struct model_get *get = &set->get[model->first_get + i];
		if (get->target.field == FIELD_DEVICE_ID)
			return get;
	}
	return NULL;
}

struct oid_ber mib_probe_oid(const struct mib_plan *w, enum mib_asked what, unsigned family)
{
	const struct models *set = w->models;
	if (what == ASKED_IDS)
		return id_of(set, family)->oid;
	return set->column[set->table[set->model[family].first_table].first_column].oid;
}

void mib_begin_probe(struct mib_plan *w)
{
	enum { FAMILIES = 64 };
	/* A device that says what it is, and has no sign of a printer, is left alone. */
	bool may_be_printer = w->has_printer_mib || w->object_len == 0;
	if (w->models == NULL || w->model != NULL || !may_be_printer)
		return;
	for (unsigned f = 0; f < w->models->count && f < FAMILIES; f++) {
		const struct model *model = &w->models->model[f];
		/* A file may only close sub-trees, or have all its vendors elsewhere. */
		if (model->vendor_count == 0)
			continue;
		if (id_of(w->models, f) != NULL)
			w->ids_open |= UINT64_C(1) << f;
		if (model->table_count > 0)
			w->probes_open |= UINT64_C(1) << f;
	}
}

static void fold_id(struct mib_plan *w, struct reading *r, const struct varbind *vb)
{
	if (r->identity.device_id.len == 0)
		r->identity.device_id = mib_octets(w, r, vb, LIMIT_TEXT_LONG);
	mib_recognise(w, r);
}

/* The answer lies in the table: the device has it. */
static void fold_probe(struct mib_plan *w, unsigned family, const struct varbind *vb)
{
	struct oid_ber column = mib_probe_oid(w, ASKED_PROBES, family);
	if (w->model != NULL || !oid_ber_has_prefix(vb->name, column))
		return;
	w->model = &w->models->model[family];
	w->vendor = w->model->first_vendor;
	w->points = PROBE_POINTS;
	w->is_probed = true;
}

void mib_fold_probes(struct mib_plan *w, struct reading *r, const struct varbind *vb, size_t n)
{
	uint64_t *open = mib_open_bits(w, (enum mib_asked)w->asked_what);
	/* What an answer leaves out is asked again, as long as each answer brings something. */
	for (unsigned i = 0; i < w->asked_count && (i < n || n == 0); i++) {
		unsigned family = w->asked[i];
		*open &= ~(UINT64_C(1) << family);
		if (i >= n || !varbind_has_value(&vb[i]))
			continue;
		if (w->asked_what == ASKED_PROBES)
			fold_probe(w, family, &vb[i]);
		else if (oid_ber_is_equal(vb[i].name, mib_probe_oid(w, ASKED_IDS, family)))
			fold_id(w, r, &vb[i]);
	}
	if (w->model != NULL)
		w->ids_open = w->probes_open = 0;
}
