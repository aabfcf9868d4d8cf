/* SPDX-License-Identifier: Apache-2.0
 * The output of `platen discover`: the devices, the coverage, the reasons; text, JSON and CSV. */
#include "engine/agent/discover.h"

#include "engine/ui/view.h"
#include "proto/text/json_writer.h"
#include "proto/text/escape.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_printer(const struct scan_found *f)
{
	return f->class == SCAN_PRINTER || f->class == SCAN_LOCKED;
}

static const char *mac_text(char dst[18], const struct scan_found *f)
{
	return f->has_mac ? str_mac(dst, f->mac) : "";
}

static int by_number(const void *left, const void *right, void *scan)
{
	uint32_t a = scan_found_at(scan, *(const uint32_t *)left)->number;
	uint32_t b = scan_found_at(scan, *(const uint32_t *)right)->number;
	return a < b ? -1 : a > b;
}

/* Records in the order of their addresses; the caller frees it. NULL: no memory. */
static uint32_t *in_order(const struct scan *s)
{
	size_t count = scan_found_count(s);
	uint32_t *order = calloc(count + 1, sizeof order[0]);
	if (order == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, count, sizeof order[0], by_number, (void *)(uintptr_t)s);
	return order;
}

/* ---- text ------------------------------------------------------------------------------- */

static void put_row(
	struct table *t, const struct scan *s, const struct scan_found *f, size_t further)
{
	char address[LIMIT_ADDRESS + 32], mac[18], more[32] = "";
	if (further > 0)
		(void)snprintf(more, sizeof more, " and %zu more", further);
	(void)snprintf(address, sizeof address, "%s%s", scan_found_address(s, f).text, more);
	const char *const cells[] = {address, f->vendor, f->model, f->serial, mac_text(mac, f),
		f->credential != 0 ? snmp_version_text(f->version) : "",
		scan_found_credential(s, f), scan_class_name((enum scan_class)f->class)};
	table_row(t, cells, sizeof cells / sizeof cells[0]);
}

static int print_table(const struct scan *s, const uint32_t *order)
{
	static const char *const names[] = {
		"address", "vendor", "model", "serial", "mac", "snmp", "credential", "class"};
	struct table t;
	size_t shown = 0, count = scan_found_count(s);
	/* How many further addresses each has, counted once. */
	uint32_t *further = calloc(count + 1, sizeof further[0]);
	if (further == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (scan_found_at(s, i)->same_as != 0)
			further[scan_found_at(s, i)->same_as - 1]++;
	}
	for (size_t i = 0; i < count; i++) {
		const struct scan_found *f = scan_found_at(s, order[i]);
		if (!is_printer(f) || f->same_as != 0)
			continue;
		if (shown++ == 0)
			view_table(&t, stdout, names, sizeof names / sizeof names[0]);
		put_row(&t, s, f, further[order[i]]);
	}
	free(further);
	if (shown > 0)
		return table_end(&t);
	(void)printf("no printer was found\n");
	return 0;
}

static void print_coverage(const struct scan *s)
{
	struct scan_counts c;
	scan_counts(s, &c);
	uint64_t rate = c.sending_ms > 0 ? c.sent * 1000 / c.sending_ms : c.sent;
	(void)printf("\n%ju address%s in %.1f s: %ju responded, %ju silent, %ju refused, %ju "
		     "unreachable, %ju denied, %ju left out by rules\n",
		c.addresses, PLURAL_ES(c.addresses), (double)c.took_ms / 1000,
		(c.by_mark[SCAN_RESPONDED] + c.by_mark[SCAN_NO_RECORD]), c.by_mark[SCAN_SILENT],
		c.by_mark[SCAN_REFUSED], c.by_mark[SCAN_UNREACHABLE], c.by_mark[SCAN_DENIED],
		c.by_mark[SCAN_LEFT_OUT]);
	(void)printf("%ju printer%s, %ju more that need a credential, %ju not printers, %ju "
		     "unidentified, %ju excluded; %ju further address%s of the same devices\n",
		c.by_class[SCAN_PRINTER], PLURAL_S(c.by_class[SCAN_PRINTER]),
		c.by_class[SCAN_LOCKED], c.by_class[SCAN_NOT_PRINTER],
		(c.by_class[SCAN_UNIDENTIFIED] + c.by_class[SCAN_OPEN]), c.by_class[SCAN_EXCLUDED],
		c.doubles, PLURAL_ES(c.doubles));
	(void)printf("%ju probe%s in %ju round%s at %ju a second, %ju device%s polled, "
		     "%ju KiB of memory\n",
		c.sent, PLURAL_S(c.sent), c.rounds, PLURAL_S(c.rounds), rate, c.polls,
		PLURAL_S(c.polls), (c.state_bytes / 1024));
	if (c.lost > 0)
		(void)printf(
			"of %ju packets to responding devices %ju were lost or too late: about "
			"%.1f devices may have been missed%s\n",
			c.requests, c.lost, (double)c.missed_thousandths / 1000,
			c.missed_thousandths < 500 ? "" : "; more --rounds find them");
	if (c.not_port_probed > 0)
		(void)printf("%ju silent addresses are too many to look there for printers without "
			     "SNMP by TCP: at most %d\n",
			c.not_port_probed, LIMIT_SCAN_SILENT_PROBED);
	if (c.by_mark[SCAN_NO_RECORD] > 0)
		(void)printf("%ju that responded are left out for lack of memory: use smaller "
			     "ranges\n",
			c.by_mark[SCAN_NO_RECORD]);
}

static int print_reason(const struct scan *s, const struct scan_found *f)
{
	struct buf b;
	struct writer w;
	buf_open(&b, LIMIT_LOG_LINE);
	writer_open_file(&w, stdout);
	writer_fail(&w, scan_explain(&b, s, f));
	writer_printf(&w, "%s: %s: ", scan_found_address(s, f).text,
		scan_class_name((enum scan_class)f->class));
	writer_shown(&w, (struct text){(const char *)b.data, b.len});
	writer_char(&w, '\n');
	buf_close(&b);
	return writer_close(&w);
}

/* An address without a port stands for any of the ports that were probed. */
static int print_reason_of(const struct scan *s, const struct discover_options *o)
{
	const char *explain = cli_value(o->cli, "explain");
	struct conf_range one;
	char why[LIMIT_WHY];
	const struct scan_found *f;
	struct sockaddr_in6 at;
	if (conf_range_parse(&one, explain, why, sizeof why) < 0 || one.count != 1) {
		cli_error(o->cli, "--explain=%s: not one address", explain);
		return ERR_USAGE;
	}
	conf_range_at(&one, 0, o->port, &at);
	enum scan_mark mark = scan_mark_of(s, (const struct sockaddr *)&at, &f);
	if (f != NULL)
		return print_reason(s, f);
	if (o->conf != NULL && !agent_conf_is_allowed(o->conf, (const struct sockaddr *)&at)) {
		(void)printf("%s: %s: access.allow and access.deny of %s forbid packets to it\n",
			explain, scan_mark_name(SCAN_DENIED), o->conf->file);
		return 0;
	}
	(void)printf("%s: %s: %s\n", explain, scan_mark_name(mark), scan_mark_text(mark));
	return 0;
}

static int print_reasons(
	const struct scan *s, const uint32_t *order, const struct discover_options *o)
{
	int err = 0;
	if (cli_value(o->cli, "explain")[0] != '\0')
		return print_reason_of(s, o);
	(void)printf("\n");
	for (size_t i = 0; i < scan_found_count(s) && err == 0; i++)
		err = print_reason(s, scan_found_at(s, order[i]));
	return err;
}

/* ---- JSON ------------------------------------------------------------------------------- */

static void put_member(struct writer *w, const char *name, const char *text)
{
	jw_text_if(w, name, text_of(text));
}

static void put_ports(struct writer *w, const struct scan_found *f)
{
	jw_array(w, "tcp");
	for (unsigned i = 0; i < SCAN_PORTS; i++) {
		if ((f->open_ports >> i & 1) != 0)
			jw_uint(w, NULL, scan_ports[i]);
	}
	jw_end(w);
}

static void put_found(struct writer *w, const struct scan *s, const struct scan_found *f)
{
	char mac[18];
	char engine[2 * SNMP3_ENGINE_ID + 1];
	struct buf why;
	buf_open(&why, LIMIT_LOG_LINE);
	str_hex(engine, f->engine, f->engine_len);
	writer_fail(w, scan_explain(&why, s, f));
	jw_object(w, NULL);
	jw_str(w, "address", scan_found_address(s, f).text);
	jw_str(w, "class", scan_class_name((enum scan_class)f->class));
	put_member(w, "vendor", f->vendor);
	put_member(w, "model", f->model);
	put_member(w, "serial", f->serial);
	put_member(w, "mac", mac_text(mac, f));
	put_member(w, "engine_id", engine);
	put_member(w, "version", f->credential != 0 ? snmp_version_text(f->version) : "");
	put_member(w, "credential", scan_found_credential(s, f));
	if (f->same_as != 0)
		jw_str(w, "same_as", scan_found_address(s, scan_found_at(s, f->same_as - 1)).text);
	jw_text_if(w, "why", (struct text){(const char *)why.data, why.len});
	if (f->open_ports != 0)
		put_ports(w, f);
	jw_end(w);
	buf_close(&why);
}

static void put_counts(struct writer *w, const struct scan *s)
{
	struct scan_counts c;
	scan_counts(s, &c);
	jw_object(w, "coverage");
	jw_uint(w, "addresses", c.addresses);
	jw_uint(w, "took_ms", c.took_ms);
	for (unsigned i = 0; i < SCAN_MARKS; i++)
		jw_uint(w, scan_mark_name((enum scan_mark)i), c.by_mark[i]);
	for (unsigned i = 0; i < SCAN_CLASSES; i++)
		jw_uint(w, scan_class_name((enum scan_class)i), c.by_class[i]);
	jw_uint(w, "further_addresses", c.doubles);
	jw_uint(w, "sent", c.sent);
	jw_uint(w, "sending_ms", c.sending_ms);
	jw_uint(w, "polls", c.polls);
	jw_uint(w, "rounds", c.rounds);
	jw_uint(w, "requests", c.requests);
	jw_uint(w, "lost", c.lost);
	jw_decimal(w, "missed_estimate", (double)c.missed_thousandths / 1000, 3);
	jw_uint(w, "port_probes", c.port_probes);
	jw_uint(w, "not_port_probed", c.not_port_probed);
	jw_uint(w, "unmatched", c.strays);
	jw_uint(w, "state_bytes", c.state_bytes);
	jw_end(w);
}

static int print_json(const struct scan *s, const uint32_t *order)
{
	struct writer w;
	writer_open_file(&w, stdout);
	jw_object(&w, NULL);
	put_counts(&w, s);
	jw_array(&w, "found");
	for (size_t i = 0; i < scan_found_count(s); i++)
		put_found(&w, s, scan_found_at(s, order[i]));
	return jw_close(&w);
}

/* ---- CSV -------------------------------------------------------------------------------- */

static void put_csv_row(struct writer *w, const struct scan *s, const struct scan_found *f)
{
	union address at;
	char host[CONF_HOST_TEXT], mac[18];
	scan_found_sockaddr(s, f, &at);
	bool is_v6 = at.sa.sa_family == AF_INET6;
	conf_range_host(host, &at.sa);
	const char *credential = scan_found_credential(s, f);
	bool says_version = f->credential != 0 && credential[0] == '\0';
	writer_printf(w, "%s,%u,%s", host, ntohs(is_v6 ? at.in6.sin6_port : at.in4.sin_port),
		says_version ? snmp_version_text(f->version) : "");
	const char *const cells[] = {credential, f->vendor, f->model, f->serial, mac_text(mac, f)};
	for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
		writer_char(w, ',');
		writer_csv(w, text_of(cells[i]));
	}
	writer_str(w, "\r\n");
}

/* The form of `csv` in devices.targets: the printers that can be read, each once. */
static int write_csv(const struct scan *s, const uint32_t *order, FILE *out)
{
	struct writer w;
	writer_open_file(&w, out);
	writer_str(&w, "address,port,version,credential,vendor,model,serial,mac\r\n");
	for (size_t i = 0; i < scan_found_count(s); i++) {
		const struct scan_found *f = scan_found_at(s, order[i]);
		if (f->class == SCAN_PRINTER && f->same_as == 0 && f->credential != 0)
			put_csv_row(&w, s, f);
	}
	return writer_close(&w);
}

int discover_print(const struct scan *s, const struct discover_options *o)
{
	const char *explain = cli_value(o->cli, "explain");
	bool is_one = explain != NULL && explain[0] != '\0';
	uint32_t *order = in_order(s);
	if (order == NULL)
		return -ENOMEM;
	int err = 0;
	if (cli_has(o->cli, "json")) {
		err = print_json(s, order);
	} else {
		if (!is_one)
			err = print_table(s, order);
		if (err == 0 && explain != NULL)
			err = print_reasons(s, order, o);
		if (err == 0 && !is_one)
			print_coverage(s);
	}
	if (err == 0 && o->csv != NULL)
		err = write_csv(s, order, o->csv);
	free(order);
	return err;
}
