/* SPDX-License-Identifier: Apache-2.0
 * The results of a scan, in words. */
#include "proto/base/str.h"
#include "engine/fleet/scan_internal.h"

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

void scan_found_address(const struct scan *s, const struct scan_found *f, char *dst, size_t cap)
{
	struct device dev;
	(void)scan_order_at(&s->order, f->number, &dev.peer.address);
	device_address(&dev, dst, cap);
}

const char *scan_found_credential(const struct scan *s, const struct scan_found *f)
{
	const char *name =
		f->credential > 0 ? s->options.credentials[f->credential - 1].name : NULL;
	return name != NULL ? name : "";
}

/* ---- why -------------------------------------------------------------------------------- */

static const char *version_text(unsigned version)
{
	return version == SNMP_V1 ? "SNMPv1" : version == SNMP_V2C ? "SNMPv2c" : "SNMPv3";
}

static int put_said(struct buf *b, const struct scan_found *f)
{
	return f->said[0] == '\0' ? 0 : buf_printf(b, "; it says \"%s\"", f->said);
}

static int explain_identified(struct buf *b, const struct scan_found *f)
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
	int err = f->why != WHY_IPP ? buf_printf(b, "%s: ", version_text(f->version))
		  : f->ways == 0    ? buf_printf(b, "no response to SNMP; ")
				    : 0;
	if (err == 0)
		err = buf_printf(b, "%s", words[f->why]);
	if (err == 0 && f->class == SCAN_UNIDENTIFIED)
		err = buf_printf(b, "; it stopped responding before it was identified (%s)",
			err_text(f->err));
	return err == 0 ? put_said(b, f) : err;
}

/* What would identify it. */
static int put_way_out(struct buf *b, const struct scan *s, const struct scan_found *f)
{
	if (f->class == SCAN_PRINTER && f->ways == 0)
		return buf_printf(b, "; to read it, name it in devices.targets with ipp: always");
	if (f->class == SCAN_LOCKED)
		return buf_printf(b, "; to read it, give snmp.credentials an SNMPv3 user of it");
	if (f->class != SCAN_UNIDENTIFIED || f->why != WHY_NOTHING || f->credential != 0 ||
		f->ways == 0)
		return 0;
	if (s->options.is_tcp && f->open_ports == 0)
		return buf_printf(b, "; no TCP port of printing is open. A credential that it "
				     "accepts would identify it");
	if (s->options.is_tcp)
		return buf_printf(b, "; a credential that it accepts would identify it");
	return buf_printf(b,
		"; a credential that it accepts would identify it, or --tcp (discovery.tcp), "
		"which probes its printing ports and queries it by IPP");
}

static int explain_engine(struct buf *b, const struct scan_found *f)
{
	const char *name;
	uint32_t enterprise = scan_engine_enterprise(f->engine, f->engine_len);
	enum scan_vendor vendor = scan_enterprise_vendor(enterprise, &name);
	int err = buf_printf(b, "SNMPv3 only, and no credential opens it");
	if (err == 0 && f->tries > 0 && f->err < 0)
		err = buf_printf(b, " (the last one shown: %s)", err_text(f->err));
	if (err == 0)
		err = buf_printf(b, "; its engineID is of %s (enterprise %u)",
			name[0] != '\0' ? name : "an unknown vendor", (unsigned)enterprise);
	if (err != 0)
		return err;
	switch (vendor) {
	case SCAN_VENDOR_PRINTERS:
		err = buf_printf(b, ", a vendor of printers");
		break;
	case SCAN_VENDOR_OTHER:
		err = buf_printf(b, ", not a vendor of printers");
		break;
	case SCAN_VENDOR_MIXED:
		err = buf_printf(b, ", a vendor of printers and other things");
		break;
	case SCAN_VENDOR_SOFTWARE:
		err = buf_printf(b, ", an agent that printers and other things run");
		break;
	case SCAN_VENDOR_UNKNOWN:
		break;
	}
	return err;
}

static int explain_ports(struct buf *b, const struct scan_found *f)
{
	int err = f->open_ports == 0 ? 0 : buf_printf(b, "; TCP ports open:");
	for (unsigned i = 0; i < SCAN_PORTS && err == 0; i++) {
		if ((f->open_ports >> i & 1) != 0)
			err = buf_printf(b, " %u", scan_ports[i]);
	}
	return err;
}

int scan_explain(struct buf *dst, const struct scan *s, const struct scan_found *f)
{
	int err;
	if (f->why != WHY_NOTHING)
		err = explain_identified(dst, f);
	else if (f->ways == 0)
		err = buf_printf(dst, "no response to SNMP, and none by IPP that identifies it");
	else if (f->engine_len > 0 && f->credential == 0)
		err = explain_engine(dst, f);
	else
		err = buf_printf(dst, "it responded to a probe by %s, then to no request (%s)",
			version_text(f->version), err_text(f->err));
	if (err == 0)
		err = explain_ports(dst, f);
	if (err == 0)
		err = put_way_out(dst, s, f);
	if (err == 0 && f->class == SCAN_EXCLUDED)
		err = buf_printf(dst, "; discovery.include or discovery.exclude leaves it out");
	if (err == 0 && f->same_as != 0) {
		char address[LIMIT_ADDRESS];
		scan_found_address(
			s, scan_table_at(&s->table, f->same_as - 1), address, sizeof address);
		err = buf_printf(dst, "; the same device as %s", address);
	}
	return err;
}
