/* SPDX-License-Identifier: Apache-2.0
 * Identity: vendor, model without the vendor's name, serial number, whether the device is a
 * printer, the reason, and the confidence. */
#include "proto/mib/mib_internal.h"

#include "proto/model/kind.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* ---- the family ------------------------------------------------------------------------- */

/* The texts that identify a device, in the order of models_recognise. */
enum { WORDS_DEVICE_ID, WORDS_DESCR, WORDS_SYSTEM, WORDS_OBJECT, WORDS_COUNT };

static uint64_t words_digest(const struct models *set, const struct text words[WORDS_COUNT])
{
	uint64_t h = set->digest;
	for (unsigned i = 0; i < WORDS_COUNT; i++)
		h = mib_mix(h + words[i].len, (const uint8_t *)words[i].p, words[i].len);
	return h == 0 ? 1 : h;
}

/* Cached by the texts, which rarely change from poll to poll. */
static const struct mib_recognised *recognise(
	struct mib_plan *plan, const struct text words[WORDS_COUNT])
{
	struct mib_limits *m = plan->limits;
	struct model_match match = {0};
	uint64_t digest = words_digest(plan->models, words);
	for (unsigned i = 0; i < sizeof m->recognised / sizeof m->recognised[0]; i++) {
		if (m->recognised[i].digest == digest)
			return &m->recognised[i];
	}
	struct oid_ber object = {plan->object_ber, plan->object_len};
	if (models_recognise(plan->models, words[WORDS_DEVICE_ID], words[WORDS_DESCR],
		    words[WORDS_SYSTEM], &object, &match) < 0)
		match.points = 0;
	struct mib_recognised *entry = &m->recognised[m->next_recognised++ % 2];
	*entry = (struct mib_recognised){digest, match.model, match.vendor, match.points};
	return entry;
}

void mib_recognise(struct mib_plan *plan, const struct reading *r)
{
	struct text descr = mib_device_descr(plan, r);
	if (plan->models == NULL || plan->is_probed)
		return;
	const struct text by[WORDS_COUNT] = {r->identity.device_id, descr, r->identity.sys_descr,
		{(const char *)plan->object_ber, plan->object_len}};
	bool is_new = false;
	for (unsigned i = 0; i < WORDS_COUNT; i++) {
		is_new = is_new || !text_is_equal(by[i], plan->recognised_words[i]);
		plan->recognised_words[i] = by[i];
	}
	if (!is_new)
		return;
	const struct mib_recognised *found = recognise(plan, by);
	if (found->points == 0)
		return;
	plan->model = &plan->models->model[found->model];
	plan->vendor = found->vendor;
	plan->points = (uint8_t)found->points;
}

static bool recognise_by_part(struct mib_plan *plan, struct text said)
{
	struct model_match match;
	const struct text none = {NULL, 0};
	if (said.len == 0 || models_recognise(plan->models, none, none, said, NULL, &match) < 0)
		return false;
	plan->model = &plan->models->model[match.model];
	plan->vendor = match.vendor;
	plan->points = MIB_PROBE_POINTS;
	plan->is_probed = true;
	return true;
}

void mib_recognise_by_parts(struct mib_plan *plan, const struct reading *r)
{
	if (plan->models == NULL || plan->model != NULL ||
		recognise_by_part(plan, plan->tray_vendor))
		return;
	for (const struct supply *s = r->supplies; s != NULL; s = s->next) {
		if (recognise_by_part(plan, s->description))
			return;
	}
}

static const struct model_vendor *vendor_of(const struct mib_plan *plan)
{
	return plan->model != NULL ? &plan->models->vendor[plan->vendor] : NULL;
}

/* ---- the model -------------------------------------------------------------------------- */

/* The offset of `mark` in t, or t.len. */
static size_t place_of(struct text t, const char *mark)
{
	size_t n = strlen(mark);
	for (size_t i = 0; i + n <= t.len; i++) {
		if (memcmp(t.p + i, mark, n) == 0)
			return i;
	}
	return t.len;
}

/* Cuts the model at a serial number: "XC4240 7529901141RTW CXTZJ.074.258". Some printers show only
 * the beginning of it. */
static struct text without_serial(struct text model, struct text serial)
{
	enum { SERIAL_MIN = 6 };
	for (size_t i = 1; i < model.len; i++) {
		struct text word = mib_text_before((struct text){model.p + i, model.len - i}, ' ');
		if (model.p[i - 1] == ' ' && word.len >= SERIAL_MIN && word.len <= serial.len &&
			memcmp(word.p, serial.p, word.len) == 0)
			return text_trimmed((struct text){model.p, i});
	}
	return model;
}

/* The text after `mark`: HP's network cards name the printer as "PID:HP LaserJet 400". */
static struct text named_in(struct text descr, const char *mark)
{
	size_t at = place_of(descr, mark);
	if (at == descr.len)
		return (struct text){NULL, 0};
	at += strlen(mark);
	return mib_text_before((struct text){descr.p + at, descr.len - at}, ',');
}

/* The printer model in the descriptions of the supplies. */
static struct text named_by_supplies(const struct mib_plan *plan, const struct reading *r)
{
	struct text name = {NULL, 0};
	const struct supply *s = vendor_of(plan) != NULL ? r->supplies : NULL;
	for (; s != NULL && name.len == 0; s = s->next)
		name = models_printer_in(plan->models, vendor_of(plan), s->description);
	return name;
}

/* sysDescr, as far as it names the printer: HP's network cards describe themselves, "HP ETHERNET
 * MULTI-ENVIRONMENT,ROM J.sp.00,JETDIRECT EX,...", and the printer after "PID:"; a printer's
 * generic agent describes its operating system. */
static struct text named_by_system(const struct mib_plan *plan, struct text descr)
{
	struct text pid = text_trimmed(named_in(descr, "PID:"));
	if (pid.len > 0 || text_starts_with(descr, "HP ETHERNET MULTI-ENVIRONMENT"))
		return pid;
	return plan->has_printer_mib && text_starts_with(descr, "Linux ") ? (struct text){NULL, 0}
									  : descr;
}

/* Accepts the first text that names a printer. A print server's name is none, unless the device is
 * a print server without a printer. */
static bool accept_name(struct mib_plan *plan, struct text said, struct model_name *ret)
{
	models_split_name(said, ret);
	if (text_is_placeholder(ret->model))
		ret->model = (struct text){NULL, 0};
	return ret->model.len > 0 &&
	       !(plan->has_printer_mib && models_names_print_server(ret->model));
}

/* From the device's description; else the vendor's object; else the 1284 id; else sysDescr; else
 * the descriptions of the supplies. The version beside the model is the firmware's if nothing else
 * has one. */
static void conclude_model(struct mib_plan *plan, struct reading *r, struct text id_model)
{
	const struct text descr =
		text_trimmed(mib_decoded(plan, r, mib_device_descr(plan, r), LIMIT_TEXT));
	const struct text sources[] = {
		descr, plan->vendor_model, id_model, named_by_system(plan, r->identity.sys_descr)};
	struct model_name name = {0};
	bool is_named = false;
	for (size_t i = 0; i < sizeof sources / sizeof sources[0] && !is_named; i++)
		is_named = accept_name(plan, sources[i], &name);
	/* Searched only then: there are many of them. */
	if (!is_named && !accept_name(plan, named_by_supplies(plan, r), &name))
		name = (struct model_name){0};
	if (r->identity.serial.len == 0)
		r->identity.serial = mib_copy_text(r, name.serial);
	struct text model = without_serial(name.model, r->identity.serial);
	const struct model_vendor unlisted = {.vendor = r->identity.vendor};
	model = models_without_vendor(
		plan->models, plan->model != NULL ? vendor_of(plan) : &unlisted, model);
	plan->version_beside_model = name.version;
	r->identity.model = mib_copy_text(r, model);
}

/* "SN:VNB3J00001" or "S/N Z5IJ000001" in a description. A print server's is its own, unless it
 * names the printer after "PID:" (HP). */
static struct text serial_in(struct text descr)
{
	if (models_names_print_server(descr) && named_in(descr, "PID:").len == 0)
		return (struct text){NULL, 0};
	struct text said = mib_word_after(descr, "SN:");
	return text_known(said.len > 0 ? said : mib_word_after(descr, "S/N"));
}

bool mib_has_serial(const struct mib_plan *plan)
{
	struct text vendor, model, serial;
	models_parse_device_id(plan->recognised_words[WORDS_DEVICE_ID], &vendor, &model, &serial);
	return plan->has_serial || serial.len > 0 ||
	       (plan->model != NULL && serial_in(plan->recognised_words[WORDS_SYSTEM]).len > 0);
}

/* The standard's; else the vendor's own object; else the 1284 id's; else that in sysDescr or
 * hrDeviceDescr; else the one in an object of another family. */
static void conclude_serial(const struct mib_plan *plan, struct reading *r, struct text id_serial)
{
	if (r->identity.serial.len == 0)
		r->identity.serial = plan->vendor_serial.text;
	if (r->identity.serial.len == 0)
		r->identity.serial = mib_copy_text(r, id_serial);
	if (r->identity.serial.len == 0 && plan->model != NULL)
		r->identity.serial = mib_copy_text(r, serial_in(r->identity.sys_descr));
	if (r->identity.serial.len == 0 && plan->model != NULL)
		r->identity.serial = mib_copy_text(r, serial_in(mib_device_descr(plan, r)));
	if (r->identity.serial.len == 0)
		r->identity.serial = plan->shared_serial.text;
}

struct text mib_version_in(const struct mib_plan *plan, const struct reading *r)
{
	struct model_name name;
	if (plan->version_beside_model.len > 0)
		return plan->version_beside_model;
	models_split_name(named_by_system(plan, r->identity.sys_descr), &name);
	return name.version;
}

/* ---- is it a printer? ------------------------------------------------------------------- */

static bool has_printer_row(const struct mib_plan *plan)
{
	for (unsigned i = 0; i < plan->device_count; i++) {
		if (plan->device[i].role == ROLE_PRINTER)
			return true;
	}
	return false;
}

/* The agent of an operating system: an administrator names its printer queues, so "HP LaserJet"
 * there does not identify the device. */
static bool is_host(const struct mib_plan *plan)
{
	/* 1.3.6.1.4.1.311 (Windows), 1.3.6.1.4.1.8072.3.2 (net-snmp, by operating system) */
	static const uint8_t windows[] = {0x2b, 6, 1, 4, 1, 0x82, 0x37};
	static const uint8_t net_snmp[] = {0x2b, 6, 1, 4, 1, 0xbf, 0x08, 3, 2};
	struct oid_ber object = {plan->object_ber, plan->object_len};
	return oid_ber_has_prefix(object, (struct oid_ber){windows, sizeof windows}) ||
	       oid_ber_has_prefix(object, (struct oid_ber){net_snmp, sizeof net_snmp});
}

static enum identity_why why_of(const struct mib_plan *plan, const struct reading *r)
{
	const struct model_vendor *vendor = vendor_of(plan);
	if (plan->has_printer_mib)
		return WHY_PRINTER_MIB;
	if (vendor != NULL &&
		models_is_printer(plan->models, vendor,
			is_host(plan) ? (struct text){NULL, 0} : mib_device_descr(plan, r),
			r->identity.sys_descr,
			(struct oid_ber){plan->object_ber, plan->object_len}))
		return WHY_VENDOR;
	if (!is_host(plan) && device_is_named_as_printer(r->identity.sys_descr))
		return WHY_VENDOR;
	if (has_printer_row(plan))
		return WHY_ONLY_HOST_ROWS;
	return plan->groups_seen != 0 ? WHY_NO_PRINTER_MIB : WHY_NOTHING;
}

/* As docs/json.md defines identity.confidence. */
static uint8_t confidence_of(const struct mib_plan *plan, const struct reading *r)
{
	enum { OBJECT_ALONE = 1, SEVERAL = 6, SERIAL_MIN = 4 };
	unsigned sum = 0;
	if (plan->model != NULL)
		sum += plan->points > OBJECT_ALONE ? 30 : 10;
	else if (r->identity.vendor.len > 0)
		sum += 10;
	if (plan->points >= SEVERAL)
		sum += 10;
	if (r->identity.model.len > 0)
		sum += 30;
	if (r->identity.serial.len >= SERIAL_MIN)
		sum += 30;
	return (uint8_t)sum;
}

/* A vendor that no model file has: MFG of the 1284 id, else the vendor of the trays. */
static struct text unlisted_vendor(const struct mib_plan *plan, struct text id_vendor)
{
	static const char *const none[] = {
		"other", "generic", "standard", "vendor", "manufacturer"};
	struct text said = id_vendor.len > 0 ? id_vendor : plan->tray_vendor;
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		if (text_is_equal_nocase(said, text_of(none[i])))
			return (struct text){NULL, 0};
	}
	return said;
}

void mib_conclude_identity(struct mib_plan *plan, struct reading *r)
{
	struct text id_vendor, id_model, id_serial;
	mib_recognise(plan, r);
	models_parse_device_id(r->identity.device_id, &id_vendor, &id_model, &id_serial);
	const struct model_vendor *vendor = vendor_of(plan);
	r->identity.vendor = vendor != NULL ? vendor->vendor
					    : mib_copy_text(r, unlisted_vendor(plan, id_vendor));
	conclude_serial(plan, r, id_serial);
	conclude_model(plan, r, id_model);
	r->identity.why = (uint8_t)why_of(plan, r);
	r->identity.is_printer =
		r->identity.why == WHY_PRINTER_MIB || r->identity.why == WHY_VENDOR;
	r->identity.confidence = confidence_of(plan, r);
}
