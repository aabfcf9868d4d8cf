/* SPDX-License-Identifier: Apache-2.0
 * Stage 2 of a scan: what responded is polled for its identity, a few at a time. */
#include "proto/base/str.h"
#include "engine/fleet/scan_internal.h"
#include "proto/smi/engine_id.h"

#include <string.h>

/* Arena blocks of one poll: an identity alone takes one or two. */
enum { SCAN_BLOCKS = 4 };

/* ---- what was learned ------------------------------------------------------------------- */

static void take_identity(struct scan_found *f, const struct identity *id)
{
	(void)text_scrub(f->vendor, sizeof f->vendor, id->vendor);
	(void)text_scrub(f->model, sizeof f->model, id->model);
	(void)text_scrub(f->serial, sizeof f->serial, id->serial);
	(void)text_scrub(f->said, sizeof f->said, id->sys_descr);
	f->has_mac |= str_to_mac(f->mac, id->mac);
	f->why = id->why;
}

static bool is_excluded(const struct scan *s, const struct scan_found *f)
{
	const struct agent_conf *conf = s->options.conf;
	struct sockaddr_in6 at;
	const char *vendor = f->vendor[0] != '\0' ? f->vendor : NULL;
	const char *model = f->model[0] != '\0' ? f->model : NULL;
	const char *serial = f->serial[0] != '\0' ? f->serial : NULL;
	if (conf == NULL)
		return false;
	(void)scan_order_at(&s->order, f->number, &at);
	const struct sockaddr *sa = (const struct sockaddr *)&at;
	return conf_rules_fit(conf->discovery_exclude, sa, vendor, model, serial) ||
	       (conf->discovery_include != NULL &&
		       !conf_rules_fit(conf->discovery_include, sa, vendor, model, serial));
}

/* ---- results ------------------------------------------------------------------------ */

static void finish(struct scan *s, struct scan_found *f)
{
	bool is_printer = f->class == SCAN_PRINTER || f->class == SCAN_LOCKED;
	f->stage = SCAN_CLASSIFIED;
	if (is_printer && is_excluded(s, f))
		f->class = SCAN_EXCLUDED;
	if (!s->options.keeps_doubles && scan_table_join(&s->table, f))
		s->counts.doubles++;
	else
		s->counts.by_class[f->class]++;
	if (s->events.on_result != NULL)
		s->events.on_result(s->owner, f);
}

static void settle(struct scan *s, struct scan_found *f, enum scan_class class)
{
	f->class = (uint8_t) class;
	if (!s->options.is_tcp || class == SCAN_NOT_PRINTER || s->is_stopping) {
		finish(s, f);
		return;
	}
	f->stage = SCAN_AWAITS_PORT_PROBE;
	f->port = 0;
	scan_queue_push(s, &s->to_port_probe, f);
}

/* No credential opens it: only the vendor in its engineID is left. */
static void classify_by_engine(struct scan *s, struct scan_found *f)
{
	const char *name;
	uint32_t enterprise = engine_id_enterprise(f->engine, f->engine_len);
	enum vendor_kind vendor = enterprise_vendor(enterprise, &name);
	if (f->engine_len > 0 && vendor != VENDOR_UNKNOWN && vendor != VENDOR_SOFTWARE &&
		f->vendor[0] == '\0')
		(void)str_copy(f->vendor, sizeof f->vendor, name);
	if (f->engine_len > 0 && vendor == VENDOR_PRINTERS)
		settle(s, f, SCAN_LOCKED);
	else if (f->engine_len > 0 && vendor == VENDOR_OTHER)
		settle(s, f, SCAN_NOT_PRINTER);
	else
		settle(s, f, SCAN_UNIDENTIFIED);
}

void scan_identify_ports_only(struct scan *s, uint32_t number)
{
	if (s->marks[number] >= SCAN_RESPONDED)
		return; /* a late SNMP response came meanwhile */
	struct scan_found *f = scan_table_add(&s->table, number);
	s->marks[number] = f != NULL ? SCAN_RESPONDED : SCAN_NO_RECORD;
	if (f != NULL)
		settle(s, f, SCAN_UNIDENTIFIED); /* and so to all ports, and to IPP */
}

void scan_identify_ports_probed(struct scan *s, struct scan_found *f)
{
	enum { LPR = 1u << 0, RAW = 1u << 1, IPP = 1u << 4 };
	const char *name;
	uint32_t enterprise = engine_id_enterprise(f->engine, f->engine_len);
	bool is_mixed = f->engine_len > 0 && enterprise_vendor(enterprise, &name) == VENDOR_MIXED;
	bool is_known = f->class == SCAN_PRINTER;
	if (!is_known && !f->is_ipp_asked && (f->open_ports & IPP) != 0 && !s->is_stopping) {
		f->stage = SCAN_READY;
		scan_queue_push(s, &s->ready, f);
		return;
	}
	/* A vendor of printers and other things, and the port that only printers have. */
	if (f->class == SCAN_UNIDENTIFIED && is_mixed && (f->open_ports & (LPR | RAW)) != 0)
		f->class = SCAN_LOCKED;
	finish(s, f);
}

/* ---- attempts --------------------------------------------------------------------------- */

/* The next credential to try, or -1: the one that it responded to, then those of SNMPv3 if it
 * speaks that, then communities if the probes passed it over. */
static int next_credential(struct scan *s, struct scan_found *f)
{
	struct sockaddr_in6 at;
	(void)scan_order_at(&s->order, f->number, &at);
	if (f->credential != 0 && !f->is_shown) {
		f->is_shown = true;
		return f->credential - 1;
	}
	if (scan_stored_credential(s, (const struct sockaddr *)&at) == SCAN_NONE_WORKS)
		return -1;
	while (f->next < s->options.credential_count && f->tries < s->options.tries) {
		const struct scan_credential *c = &s->options.credentials[f->next++];
		bool is_meant = c->version == SNMP_V3 ? (f->ways & SCAN_BY_V3) != 0 && !f->is_rested
						      : c->version == SNMP_V2C &&
								f->is_passed_over && s->is_probed;
		if (c->version == SNMP_V3 && c->user == NULL)
			continue; /* its passphrases could not be made into keys */
		if (!is_meant || !scan_credential_fits(c, (const struct sockaddr *)&at))
			continue;
		f->tries++;
		return f->next - 1;
	}
	return -1;
}

static bool has_users_for(const struct scan *s, const struct scan_found *f)
{
	struct sockaddr_in6 at;
	(void)scan_order_at(&s->order, f->number, &at);
	for (size_t i = 0; i < s->options.credential_count; i++) {
		const struct scan_credential *c = &s->options.credentials[i];
		if (c->version == SNMP_V3 && c->user != NULL &&
			scan_credential_fits(c, (const struct sockaddr *)&at))
			return true;
	}
	return false;
}

void scan_identify_responded(struct scan *s, struct scan_found *f)
{
	if (f->credential == 0 && !has_users_for(s, f) && !s->is_probed)
		return;
	f->stage = SCAN_READY;
	scan_queue_push(s, &s->ready, f);
}

void scan_identify_rest(struct scan *s)
{
	for (size_t i = 0; i < scan_table_count(&s->table) && !s->is_stopping; i++) {
		struct scan_found *f = scan_table_at(&s->table, i);
		if (f->stage != SCAN_PROBING)
			continue;
		f->next = 0;
		f->is_rested = true; /* users were tried at its first response */
		f->stage = SCAN_READY;
		scan_queue_push(s, &s->ready, f);
	}
}

static void free_poll(struct scan_poll *poll)
{
	if (poll->has_usm)
		usm_peer_close(&poll->usm);
	poll->has_usm = false;
	poll->found = NULL;
	poll->scan->polling--;
}

static void on_poll_end(void *owner, struct poll *ended, const struct poll_end *end)
{
	struct scan_poll *poll = owner;
	struct scan *s = poll->scan;
	struct scan_found *f = poll->found;
	const struct identity *id = &end->reading->identity;
	bool is_ipp = poll->device.ipp.mode == IPP_MODE_ONLY;
	int err = end->err; /* poll_free ends the life of `end` */
	bool is_answered = id->why != WHY_NOTHING;
	bool is_printer = is_answered && id->is_printer;
	if (is_answered && !is_ipp) {
		const struct device_traffic *t =
			device_traffic_today(&poll->device, loop_wall_ms(s->loop));
		s->counts.requests += t->packets_out;
		s->counts.lost += t->packets_out - t->packets_in;
	}
	f->err = err;
	f->trouble = poll->has_usm ? poll->usm.trouble : 0;
	f->stage = SCAN_PROBING;
	if (is_answered && (!is_ipp || is_printer)) {
		take_identity(f, id);
		if (!is_ipp) {
			f->credential = (uint8_t)(poll->credential + 1);
			f->version = poll->device.peer.version;
		}
	}
	poll_free(ended);
	free_poll(poll);
	if (s->is_stopping)
		return;
	if (is_ipp) {
		f->class = is_printer ? SCAN_PRINTER : f->class;
		scan_identify_ports_probed(s, f);
	} else if (is_printer) {
		settle(s, f, SCAN_PRINTER);
	} else if (is_answered) {
		/* A poll that ended early: the rest may be a printer's. */
		settle(s, f, err < 0 ? SCAN_UNIDENTIFIED : SCAN_NOT_PRINTER);
	} else {
		f->stage = SCAN_READY;
		scan_queue_push(s, &s->ready, f);
	}
}

static void use_credential(
	struct scan_poll *poll, const struct scan_credential *c, unsigned version)
{
	struct conf_device from = {.version = (uint8_t)version,
		.community = c->community,
		.community_len = c->community_len,
		.ipp_mode = IPP_MODE_OFF};
	(void)scan_order_at(&poll->scan->order, poll->found->number, &from.address);
	device_init(&poll->device, &from);
	if (c->version == SNMP_V3) {
		usm_peer_init(&poll->usm, c->user, c->context, c->context_len);
		poll->has_usm = true;
		poll->device.peer.usm = &poll->usm;
	}
}

static void use_ipp(struct scan_poll *poll)
{
	enum { IPP_AT = 4 };
	struct conf_device from = {.version = SNMP_V2C,
		.community = "",
		.ipp_mode = IPP_MODE_ONLY,
		.ipp_port = scan_ports[IPP_AT]};
	(void)scan_order_at(&poll->scan->order, poll->found->number, &from.address);
	device_init(&poll->device, &from);
	poll->found->is_ipp_asked = true;
}

static struct scan_poll *free_place(struct scan *s)
{
	for (size_t i = 0; i < LIMIT_SCAN_POLLS; i++) {
		if (s->polls[i].found == NULL)
			return &s->polls[i];
	}
	return NULL;
}

/* 0, or an error: it cannot be polled now. */
static int begin(struct scan *s, struct scan_found *f, struct scan_poll *poll, int credential)
{
	poll->found = f;
	s->polling++;
	if (credential < 0) {
		use_ipp(poll);
	} else {
		const struct scan_credential *c = &s->options.credentials[credential];
		bool is_own = f->credential == credential + 1;
		poll->credential = (uint8_t)credential;
		use_credential(poll, c, is_own ? f->version : c->version);
	}
	/* Its size is unknown; only its identity is requested. */
	poll->device.profile.blocks = credential < 0 ? LIMIT_BLOCKS_NEW_DEVICE : SCAN_BLOCKS;
	int err = poll_start(s->poll_context, &poll->device, on_poll_end, poll);
	if (err < 0) {
		free_poll(poll);
		return err;
	}
	f->stage = SCAN_POLLED;
	s->counts.polls++;
	return 0;
}

/* False: no room for more. */
static bool take_one(struct scan *s)
{
	struct scan_poll *poll = free_place(s);
	if (poll == NULL || poll_context_left(s->poll_context) == 0 ||
		snmp_client_in_flight(s->client) >= snmp_client_window(s->client))
		return false;
	struct scan_found *f = scan_queue_pop(s, &s->ready);
	if (f == NULL)
		return false;
	const struct scan_found before = *f;
	bool wants_ipp = f->class != SCAN_OPEN; /* by SNMP it is classified already */
	int credential = wants_ipp ? -1 : next_credential(s, f);
	if (credential < 0 && !wants_ipp) {
		/* No credential is left; probes with communities may still come. */
		f->stage = SCAN_PROBING;
		if (s->is_probed)
			classify_by_engine(s, f);
		return true;
	}
	int err = begin(s, f, poll, credential);
	if (err == 0)
		return true;
	if (err == ERR_FULL) {
		*f = before; /* as before */
		scan_queue_push(s, &s->ready, f);
		return false;
	}
	f->err = err;
	if (wants_ipp)
		scan_identify_ports_probed(s, f);
	else
		scan_queue_push(s, &s->ready, f); /* with the next credential, if there is one */
	return true;
}

void scan_identify_work(struct scan *s)
{
	while (!s->is_stopping && take_one(s))
		;
}

/* ---- life ------------------------------------------------------------------------------- */

int scan_identify_open(struct scan *s)
{
	struct poll_options o = {.client = s->client,
		.models = s->options.models,
		.polls = LIMIT_SCAN_POLLS,
		.blocks = LIMIT_SCAN_POLLS * SCAN_BLOCKS + LIMIT_ARENA_BLOCKS_ONE,
		.ipp_polls = s->options.is_tcp ? LIMIT_SCAN_POLLS / 4 : 0,
		.is_identity = true};
	for (size_t i = 0; i < LIMIT_SCAN_POLLS; i++)
		s->polls[i].scan = s;
	return poll_context_open(&s->poll_context, s->loop, &o);
}

void scan_identify_stop(struct scan *s)
{
	s->ready = (struct scan_queue){0, 0};
	poll_context_stop(s->poll_context);
}

void scan_identify_close(struct scan *s)
{
	poll_context_close(s->poll_context);
	s->poll_context = NULL;
}
