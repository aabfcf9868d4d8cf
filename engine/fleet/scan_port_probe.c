/* SPDX-License-Identifier: Apache-2.0
 * Which TCP ports of a device take a connection. It is closed as soon as it is there: not a byte is
 * written, because what is written to port 9100 gets printed. One port of a device at a time.
 *
 * At last the addresses without an SNMP response: where the IPP port is open, a printer may have
 * SNMP switched off. Always those where a host refused SNMP (ICMP), the silent ones only if they
 * are few: each costs a connection attempt without a response. */
#include "engine/fleet/scan_internal.h"

const uint16_t scan_ports[SCAN_PORTS] = {515, 9100, 2000, 2105, 631, 80, 443};

static void on_open(void *owner)
{
	struct scan_port_probe *k = owner;
	k->is_open = true;
	conn_abort(k->conn);
}

/* Bytes that come first (no printer sends any) are ignored. */
static void on_bytes(void *owner, const uint8_t *bytes, size_t len)
{
	struct scan_port_probe *k = owner;
	(void)bytes;
	(void)len;
	conn_abort(k->conn);
}

static void on_end(void *owner, int err, const char *why)
{
	struct scan_port_probe *k = owner;
	struct scan *s = k->scan;
	struct scan_found *f = k->found;
	(void)err;
	(void)why;
	if (f != NULL && k->is_open)
		f->open_ports |= (uint8_t)(1u << f->port);
	if (f != NULL)
		f->port++;
	k->found = NULL;
	k->conn = NULL;
	s->port_probing--;
	if (s->is_stopping)
		return;
	if (f == NULL) {
		if (k->is_open)
			scan_identify_ports_only(s, k->number);
		return;
	}
	f->stage = SCAN_AWAITS_PORT_PROBE;
	scan_queue_push(s, &s->to_port_probe, f);
}

static int dial_port(struct scan *s, struct scan_port_probe *k, uint32_t number, unsigned port)
{
	static const struct conn_events events = {
		.on_open = on_open, .on_bytes = on_bytes, .on_end = on_end};
	char host[CONF_HOST_TEXT];
	union address at;
	(void)scan_order_at(&s->order, number, &at);
	conf_range_host(host, &at.sa);
	struct conn_target target = {
		.host = host, .port = scan_ports[port], .connect_ms = LIMIT_SCAN_PORT_PROBE_MS};
	k->scan = s;
	k->number = number;
	k->is_open = false;
	s->counts.port_probes++;
	int err = conn_connect(&k->conn, s->loop, &target, &events, k);
	if (err < 0)
		k->conn = NULL;
	else
		s->port_probing++;
	return err;
}

static struct scan_port_probe *free_place(struct scan *s)
{
	for (size_t i = 0; i < LIMIT_SCAN_PORT_PROBES; i++) {
		if (s->port_probes[i].conn == NULL)
			return &s->port_probes[i];
	}
	return NULL;
}

static void probe_found(struct scan *s)
{
	struct scan_port_probe *k;
	while (!s->is_stopping && s->to_port_probe.first != 0 && (k = free_place(s)) != NULL) {
		struct scan_found *f = scan_queue_pop(s, &s->to_port_probe);
		if (f->port == SCAN_PORTS) {
			scan_identify_ports_probed(s, f);
			continue;
		}
		if (dial_port(s, k, f->number, f->port) < 0) {
			f->port++;
			scan_queue_push(s, &s->to_port_probe, f);
			continue;
		}
		f->stage = SCAN_PORT_PROBED;
		k->found = f;
	}
}

/* ---- who does not answer to SNMP -------------------------------------------------------- */

void scan_port_probe_silent(struct scan *s)
{
	uint32_t silent = 0;
	for (uint32_t i = 0; i < s->order.count; i++)
		silent += s->marks[i] == SCAN_SILENT;
	s->is_silent_probed = silent <= LIMIT_SCAN_SILENT_PROBED;
	s->counts.not_port_probed = s->is_silent_probed || !s->options.is_tcp ? 0 : silent;
	s->silent_at = s->options.is_tcp ? 0 : s->order.count;
}

static bool is_ipp_only(const struct scan *s, uint32_t number)
{
	enum scan_mark mark = (enum scan_mark)s->marks[number];
	return mark == SCAN_REFUSED || (mark == SCAN_SILENT && s->is_silent_probed);
}

/* At the rate of the probes; one loop iteration looks at so many addresses at most. */
static void probe_silent_address(struct scan *s)
{
	enum { LOOKS = 4096, IPP_AT = 4 };
	struct scan_port_probe *k;
	uint32_t left = scan_rate_allows(&s->rate, loop_now_ms(s->loop));
	for (unsigned looks = 0; looks < LOOKS && left > 0 && s->silent_at < s->order.count;
		looks++) {
		uint32_t number = scan_order_nth(&s->order, s->silent_at);
		if (!is_ipp_only(s, number)) {
			s->silent_at++;
			continue;
		}
		k = free_place(s);
		if (k == NULL)
			return;
		s->silent_at++;
		left--;
		scan_rate_took(&s->rate, 1);
		(void)dial_port(s, k, number, IPP_AT); /* an error: no way to it from here */
	}
}

void scan_port_probe_work(struct scan *s)
{
	probe_found(s);
	if (s->is_probed && !s->is_stopping)
		probe_silent_address(s);
}

bool scan_port_probe_is_idle(const struct scan *s)
{
	bool is_through = s->is_stopping || s->silent_at >= s->order.count;
	return s->to_port_probe.first == 0 && s->port_probing == 0 && is_through;
}

void scan_port_probe_stop(struct scan *s)
{
	s->to_port_probe = (struct scan_queue){0, 0};
	for (size_t i = 0; i < LIMIT_SCAN_PORT_PROBES; i++) {
		if (s->port_probes[i].conn != NULL)
			conn_abort(s->port_probes[i].conn);
	}
}
