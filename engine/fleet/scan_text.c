/* SPDX-License-Identifier: Apache-2.0
 * The results of a scan, in words. */
#include "proto/base/writer.h"
#include "proto/smi/engine_id.h"
#include "engine/fleet/scan_internal.h"
#include "proto/smi/engine_id.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

const char *scan_class_name(enum scan_class v)
{
	static const char *const names[SCAN_CLASSES] = {
		"open", "printer", "needs-credential", "not-a-printer", "unidentified", "excluded"};
	return names[v];
}

const char *scan_mark_name(enum scan_mark mark)
{
	static const char *const names[SCAN_MARKS] = {"not-probed", "denied", "read", "left-out",
		"silent", "refused", "unreachable", "responded", "not-stored"};
	return names[mark];
}

const char *scan_mark_text(enum scan_mark mark)
{
	static const char *const words[SCAN_MARKS] = {
		"it is in none of the ranges, or was not probed yet",
		"access.allow or access.deny excludes it: no packet is sent",
		"it is polled already",
		"discovery.include or discovery.exclude leaves this address out",
		"no response to SNMP by any version and community",
		"a host is there, and its SNMP port is closed (ICMP)", "it is unreachable (ICMP)",
		"it responded", "it responded, and the table of found devices was full"};
	return words[mark];
}

size_t scan_found_count(const struct scan *s)
{
	return scan_table_count(&s->table);
}

const struct scan_found *scan_found_at(const struct scan *s, size_t i)
{
	return scan_table_at(&s->table, i);
}

enum scan_mark scan_mark_of(
	const struct scan *s, const struct sockaddr *sa, const struct scan_found **ret_found)
{
	uint32_t number;
	if (ret_found != NULL)
		*ret_found = NULL;
	if (!scan_order_find(&s->order, sa, &number))
		return SCAN_NOT_PROBED;
	if (ret_found != NULL && s->marks[number] == SCAN_RESPONDED)
		*ret_found = scan_table_find(&s->table, number);
	return (enum scan_mark)s->marks[number];
}

void scan_found_sockaddr(const struct scan *s, const struct scan_found *f, void *dst)
{
	(void)scan_order_at(&s->order, f->number, dst);
}

struct address_text scan_found_address(const struct scan *s, const struct scan_found *f)
{
	struct sockaddr_in6 at;
	(void)scan_order_at(&s->order, f->number, &at);
	return address_text((const struct sockaddr *)&at);
}

const char *scan_found_credential(const struct scan *s, const struct scan_found *f)
{
	const char *name =
		f->credential > 0 ? s->options.credentials[f->credential - 1].name : NULL;
	return name != NULL ? name : "";
}

/* ---- why -------------------------------------------------------------------------------- */

static void put_said(struct writer *w, const struct scan_found *f)
{
	if (f->said[0] != '\0')
		writer_printf(w, "; it says \"%s\"", f->said);
}

static void explain_identified(struct writer *w, const struct scan_found *f)
{
	static const char *const words[WHY_COUNT] = {[WHY_NOTHING] = "no response",
		[WHY_PRINTER_MIB] = "it has rows of the Printer-MIB, which only printers have",
		[WHY_VENDOR] = "no Printer-MIB, but its words or its object id are of a printer "
			       "without one",
		[WHY_IPP] = "it responded to Get-Printer-Attributes by IPP",
		[WHY_ONLY_HOST_ROWS] = "it lists printers as a print server does, and has nothing "
				       "of the Printer-MIB itself",
		[WHY_NO_PRINTER_MIB] = "it holds nothing of the Printer-MIB, and no words of a "
				       "printer"};
	if (f->why != WHY_IPP)
		writer_printf(w, "SNMPv%s: ", snmp_version_text(f->version));
	else if (f->ways == 0)
		writer_str(w, "no response to SNMP; ");
	writer_str(w, words[f->why]);
	if (f->class == SCAN_UNIDENTIFIED)
		writer_printf(w, "; it stopped responding before it was identified (%s)",
			err_text(f->err));
	put_said(w, f);
}

/* The step that would identify it; "": no further step. */
static const char *way_out(const struct scan *s, const struct scan_found *f)
{
	if (f->class == SCAN_PRINTER && f->ways == 0)
		return "; to read it, name it in devices.targets with ipp: always";
	if (f->class == SCAN_LOCKED)
		return "; to read it, give snmp.credentials an SNMPv3 user of it";
	if (f->class != SCAN_UNIDENTIFIED || f->why != WHY_NOTHING || f->credential != 0 ||
		f->ways == 0)
		return "";
	if (s->options.is_tcp && f->open_ports == 0)
		return "; no TCP port of printing is open. A credential that it accepts would "
		       "identify it";
	if (s->options.is_tcp)
		return "; a credential that it accepts would identify it";
	return "; a credential that it accepts would identify it, or --tcp (discovery.tcp), which "
	       "probes its printing ports and queries it by IPP";
}

static void explain_engine(struct writer *w, const struct scan_found *f)
{
	static const char *const kinds[] = {[VENDOR_UNKNOWN] = "",
		[VENDOR_PRINTERS] = ", a vendor of printers",
		[VENDOR_MIXED] = ", a vendor of printers and other things",
		[VENDOR_SOFTWARE] = ", an agent that printers and other things run",
		[VENDOR_OTHER] = ", not a vendor of printers"};
	const char *name;
	uint32_t enterprise = engine_id_enterprise(f->engine, f->engine_len);
	enum vendor_kind vendor = enterprise_vendor(enterprise, &name);
	writer_str(w, "SNMPv3 only, and no credential opens it");
	if (f->tries > 0 && f->err < 0)
		writer_printf(w, " (the last one shown: %s)", err_text(f->err));
	writer_printf(w, "; its engineID is of %s (enterprise %u)%s",
		name[0] != '\0' ? name : "an unknown vendor", (unsigned)enterprise, kinds[vendor]);
}

static void explain_ports(struct writer *w, const struct scan_found *f)
{
	if (f->open_ports != 0)
		writer_str(w, "; TCP ports open:");
	for (unsigned i = 0; i < SCAN_PORTS; i++) {
		if ((f->open_ports >> i & 1) != 0)
			writer_printf(w, " %u", scan_ports[i]);
	}
}

int scan_explain(struct buf *dst, const struct scan *s, const struct scan_found *f)
{
	struct writer w;
	writer_open(&w, dst);
	if (f->why != WHY_NOTHING)
		explain_identified(&w, f);
	else if (f->ways == 0)
		writer_str(&w, "no response to SNMP, and none by IPP that identifies it");
	else if (f->engine_len > 0 && f->credential == 0)
		explain_engine(&w, f);
	else
		writer_printf(&w, "it responded to a probe by SNMPv%s, then to no request (%s)",
			snmp_version_text(f->version), err_text(f->err));
	explain_ports(&w, f);
	writer_str(&w, way_out(s, f));
	if (f->class == SCAN_EXCLUDED)
		writer_str(&w, "; discovery.include or discovery.exclude leaves it out");
	if (f->same_as != 0)
		writer_printf(&w, "; the same device as %s",
			scan_found_address(s, scan_table_at(&s->table, f->same_as - 1)).text);
	return writer_close(&w);
}
