/* SPDX-License-Identifier: Apache-2.0
 * Recognition of a printer whose texts match no vendor: sysDescr is set by the site, or missing.
 * All families are requested at once: their 1284 device id, and if that is absent, whether an
 * object under their root exists; the vendor's name in the trays and supplies comes last. */
#include "proto/mib/mib_internal.h"

#include <string.h>

/* The object with the serial number of a family that other families have too, or NULL. */
static const struct model_get *serial_of(const struct models *set, unsigned family)
{
	const struct model *model = &set->model[family];
	for (unsigned i = 0; i < model->get_count; i++) {
		const struct model_get *get = &set->get[model->first_get + i];
		if (get->is_shared)
			return get;
	}
	return NULL;
}

/* The object with the 1284 device id of a family, or NULL. */
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

struct oid_ber mib_probe_oid(
	const struct mib_plan *plan, enum mib_request_kind what, unsigned family)
{
	const struct models *set = plan->models;
	if (what == REQUEST_DEVICE_IDS)
		return id_of(set, family)->oid;
	if (what == REQUEST_SERIALS)
		return serial_of(set, family)->oid;
	return set->model[family].root;
}

enum { FAMILIES = 64 }; /* bits of the masks in struct mib_plan */

/* A host that is no printer is not asked for the serial numbers of printers. */
void mib_begin_serials(struct mib_plan *plan)
{
	if (plan->models == NULL || (plan->model == NULL && !plan->has_printer_mib) ||
		mib_has_serial(plan))
		return;
	for (unsigned f = 0; f < plan->models->count && f < FAMILIES; f++) {
		if (&plan->models->model[f] != plan->model && serial_of(plan->models, f) != NULL)
			plan->serials_open |= UINT64_C(1) << f;
	}
}

void mib_begin_probe(struct mib_plan *plan)
{
	/* A device that identifies itself and has no Printer-MIB is not probed. */
	bool may_be_printer = plan->has_printer_mib || plan->object_len == 0;
	if (plan->models == NULL || plan->model != NULL || !may_be_printer)
		return;
	for (unsigned f = 0; f < plan->models->count && f < FAMILIES; f++) {
		const struct model *model = &plan->models->model[f];
		/* A file may have excluded sub-trees only, or vendors with other roots only. */
		if (model->vendor_count == 0)
			continue;
		if (id_of(plan->models, f) != NULL)
			plan->ids_open |= UINT64_C(1) << f;
		if (model->root.len > 0)
			plan->probes_open |= UINT64_C(1) << f;
	}
	mib_add_vendor_columns(plan);
}

static void decode_device_id(struct mib_plan *plan, struct reading *r, const struct varbind *vb)
{
	if (r->identity.device_id.len == 0)
		r->identity.device_id = mib_octets(plan, r, vb, LIMIT_TEXT_LONG);
	mib_recognise(plan, r);
}

static void decode_serial(
	struct mib_plan *plan, struct reading *r, unsigned family, const struct varbind *vb)
{
	if (oid_ber_is_equal(vb->name, mib_probe_oid(plan, REQUEST_SERIALS, family)))
		mib_store_shared_serial(plan, r, serial_of(plan->models, family), family, vb);
}

/* The family of the longer root, of one that only its own printers use, of the earlier file. */
static bool is_better(const struct model *a, const struct model *b)
{
	if (b == NULL || a->has_common_root != b->has_common_root)
		return b == NULL || b->has_common_root;
	return a->root.len > b->root.len;
}

/* A name under the root of a family shows that the device has its objects. */
static void decode_probe(struct mib_plan *plan, unsigned family, const struct varbind *vb)
{
	const struct model *model = &plan->models->model[family];
	if (!oid_ber_has_prefix(vb->name, model->root) || !is_better(model, plan->model))
		return;
	plan->model = model;
	plan->vendor = model->first_vendor;
	plan->points = MIB_PROBE_POINTS;
	plan->is_probed = true;
}

void mib_decode_probes(struct mib_plan *plan, struct reading *r, const struct varbind *vb, size_t n)
{
	uint64_t *open = mib_open_bits(plan, (enum mib_request_kind)plan->request_kind);
	/* Objects that a response leaves out are requested again, as long as each response brings
	 * something. */
	for (unsigned i = 0; i < plan->requested_count && (i < n || n == 0); i++) {
		unsigned family = plan->requested[i];
		*open &= ~(UINT64_C(1) << family);
		if (i >= n || !varbind_has_value(&vb[i]))
			continue;
		if (plan->request_kind == REQUEST_PROBES)
			decode_probe(plan, family, &vb[i]);
		else if (plan->request_kind == REQUEST_SERIALS)
			decode_serial(plan, r, family, &vb[i]);
		else if (oid_ber_is_equal(
				 vb[i].name, mib_probe_oid(plan, REQUEST_DEVICE_IDS, family)))
			decode_device_id(plan, r, &vb[i]);
	}
	if (plan->request_kind == REQUEST_SERIALS || plan->model == NULL)
		return;
	plan->ids_open = 0;
	if (!plan->is_probed || !plan->model->has_common_root)
		plan->probes_open = 0;
	plan->cursor_count = 0; /* of mib_add_vendor_columns */
}
