/* SPDX-License-Identifier: Apache-2.0
 * doctor: SNMP for each target. */
#include "engine/agent/doctor.h"

#include "engine/agent/reach.h"
#include "engine/conf/table.h"
#include "engine/ui/hint.h"

#include <stdio.h>

/* Targets that are tried, and the time for one. */
enum { TARGETS = 32, TARGET_MS = 8000 };

static void check_target(struct doctor *d, const struct conf_target *t)
{
	struct reach_snmp r;
	const char *object = t->range != NULL ? t->range : t->csv;
	reach_snmp_target(&r, d->loop, d->conf, t, TARGET_MS);
	if (r.has_response)
		(void)checklist_add(&d->list, "snmp", object, CHECK_OK, "",
			"%s responds to SNMPv%s (%zu of %ju addresses tried)",
			address_text(&r.responder.sa).text, snmp_version_text(r.version), r.tried,
			r.addresses);
	else if (r.why[0] != '\0')
		(void)checklist_add(&d->list, "snmp", object, CHECK_TROUBLE, "", "%s", r.why);
	else if (r.tried == 0 && r.denied == r.addresses)
		(void)checklist_add(&d->list, "snmp", object, CHECK_NOT_TRIED, "",
			"access.allow and access.deny exclude all %ju addresses", r.addresses);
	else
		(void)checklist_add(&d->list, "snmp", object, CHECK_TROUBLE,
			hint_snmp(r.err, r.version),
			"no response to SNMPv%s from %zu of %ju addresses tried: %s",
			snmp_version_text(r.version), r.tried, r.addresses, err_text(r.err));
}

void doctor_printers(struct doctor *d)
{
	unsigned count = 0;
	if (!d->is_loaded) {
		(void)checklist_add(&d->list, "snmp", "", CHECK_NOT_TRIED, "",
			"the configuration cannot be read");
		return;
	}
	for (const struct conf_target *t = d->conf->targets; t != NULL;
		t = (const struct conf_target *)t->item.next) {
		if (count++ < TARGETS)
			check_target(d, t);
	}
	if (count > TARGETS)
		(void)checklist_add(&d->list, "snmp", "", CHECK_NOT_TRIED, "",
			"%u more targets; platen snmp-test tries one printer", count - TARGETS);
	if (count == 0)
		(void)checklist_add(
			&d->list, "snmp", "", CHECK_NOT_TRIED, "", "devices.targets names nothing");
}
