# A monochrome multifunction printer in the shape of Xerox's VersaLink devices: the copier, scanner
# and fax rows stand at 102 to 104.
profile xerox-mono
serial "5DB######"
host "XRX{mac}"
oui 9c934e

rate print_mono 6.00
rate copy_mono 1.50
rate fax_mono 0.20
rate fax_sent 0.15
rate scan_email 0.70
rate scan_network 0.30

let mono = print_mono + copy_mono + fax_mono
let total = mono
let duplex = total%30
let sheets = total - duplex
let pm2 = print_mono%30
let pms = print_mono - pm2
let cm2 = copy_mono%20
let cms = copy_mono - cm2
let fx2 = fax_mono%10
let fxs = fax_mono - fx2
let print_sheets = pms
let scan_images = scan_email + scan_network

supply black total capacity 25900 yield 25900 low 10
supply drum total capacity 60000 yield 60000 low 10
supply kit total capacity 200000 yield 200000 low 10
supply tray1 sheets capacity 550 yield 550 low 10
event jam every 57
event door every 37

1.3.6.1.2.1.1.1.0 string "Xerox VersaLink B600 MFP; System 68.11.21, Controller 1.85.8.7, IOT 11.11.0, Panel 95.42.21, Fax 18.5.7, Boot 4.9.0"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.253.8.62.1.32.2.12.1
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "XRX{mac}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 72
1.3.6.1.2.1.2.1.0 integer 1
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "Xerox Ethernet Interface" | 6 | 1500 | 100000000 | "{macbytes}" | 1 | 1
end

1.3.6.1.2.1.25.1.1.0 ticks uptime
1.3.6.1.2.1.25.1.2.0 clock
1.3.6.1.2.1.25.2.2.0 integer 1048576
table 1.3.6.1.2.1.25.2.3.1 1 integer, 2 oid, 3 string, 4 integer, 5 integer, 6 integer
1 | 1 | 1.3.6.1.2.1.25.2.1.2 | "RAM" | 1024 | 2097152 | 700000
2 | 2 | 1.3.6.1.2.1.25.2.1.4 | "Hard Disk" | 4096 | 39321600 | 1200000
end
table 1.3.6.1.2.1.25.3.2.1 1 integer, 2 oid, 3 string, 4 oid, 5 integer, 6 counter
1 | 1 | 1.3.6.1.2.1.25.3.1.5 | "Xerox VersaLink B600 MFP" | 1.3.6.1.4.1.253.8.62.1.32.2.12.1 | pick 5 if jam door black.empty / 3 if black.low / 2 | =jam.count
9 | 9 | 1.3.6.1.2.1.25.3.1.4 | "Xerox Embedded Ethernet Controller" | 0.0 | 2 | 0
101 | 101 | 1.3.6.1.4.1.253.8.52.2.101 | "Xerox Network Controller" | 0.0 | 2 | 0
102 | 102 | 1.3.6.1.4.1.253.8.52.2.102 | "Xerox Scanner" | 0.0 | 2 | 0
103 | 103 | 1.3.6.1.4.1.253.8.52.2.103 | "Xerox Copy Service" | 0.0 | 2 | 0
104 | 104 | 1.3.6.1.4.1.253.8.52.2.120 | "Xerox Embedded Fax" | 0.0 | 2 | 0
end
1.3.6.1.2.1.25.3.5.1.1.1 integer pick 4 if printing / 1 if jam door / 3
1.3.6.1.2.1.25.3.5.1.2.1 bits 2 2 if black.low / 3 if black.empty / 4 if door / 5 if jam / 0 if tray1.low / 1 if tray1.empty
table 1.3.6.1.2.1.25.6.3.1 1 integer, 2 string, 3 oid, 4 integer
1 | 1 | "System;68.11.21" | 0.0 | 1
2 | 2 | "Controller;1.85.8.7" | 0.0 | 1
3 | 3 | "Marking Engine;11.11.0" | 0.0 | 1
4 | 4 | "Fax;18.5.7" | 0.0 | 1
5 | 5 | "Boot;4.9.0" | 0.0 | 1
end

1.3.6.1.2.1.43.5.1.1.1.1 counter 5
1.3.6.1.2.1.43.5.1.1.2.1 integer 1
1.3.6.1.2.1.43.5.1.1.4.1 string "Planted Operator"
1.3.6.1.2.1.43.5.1.1.16.1 string "Planted site name"
1.3.6.1.2.1.43.5.1.1.17.1 string "{serial}"
1.3.6.1.2.1.43.5.1.1.18.1 counter =jam.count
1.3.6.1.2.1.43.5.1.1.19.1 counter =door.count
table 1.3.6.1.2.1.43.6.1.1 2 string, 3 integer
1.1 | "Front Cover" | pick 3 if door / 4
end
table 1.3.6.1.2.1.43.7.1.1 2 string, 3 string, 4 integer
1.1 | "en" | "" | 106
end
table 1.3.6.1.2.1.43.8.2.1 2 integer, 3 integer, 4 integer, 5 integer, 8 integer, 9 integer, 10 integer, 11 integer, 12 string, 13 string, 18 string
1.1 | 3 | 4 | 297000 | 210000 | 8 | 550 | =tray1.left | pick 9 if tray1.empty / 0 | "iso-a4-white" | "Tray 1" | "Tray 1"
1.2 | 4 | 4 | 297000 | 210000 | 8 | 100 | -3 | 0 | "iso-a4-white" | "MP Tray" | "Multi purpose tray"
end
table 1.3.6.1.2.1.43.9.2.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 string, 12 string
1.1 | 3 | 8 | 250 | -3 | 0 | "Standard Bin" | "Standard output bin"
end
table 1.3.6.1.2.1.43.10.2.1 2 integer, 3 integer, 4 counter, 5 counter, 15 integer
1.1 | 4 | 7 | =total | =since_boot | 0
end
table 1.3.6.1.2.1.43.11.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 string, 7 integer, 8 integer, 9 integer
1.1 | 1 | 1 | 3 | 21 | "Black Toner Cartridge;SN{hA}01" | 7 | 25900 | =black.left
1.2 | 1 | 0 | 3 | 9 | "Drum Cartridge;SN{hB}02" | 7 | 60000 | =drum.left
1.3 | 1 | 0 | 3 | 15 | "Maintenance Kit;SNunknown" | 7 | 200000 | =kit.left
1.4 | 1 | 0 | 3 | 1 | "Document Feeder Feed Roller" | 7 | -2 | -3
end
table 1.3.6.1.2.1.43.12.1.1 2 integer, 3 integer, 4 string, 5 integer
1.1 | 1 | 3 | "black" | 256
end
table 1.3.6.1.2.1.43.13.4.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 integer, 8 integer, 9 integer, 10 string, 11 integer
1.1 | 7 | 4 | 3300 | 432000 | 305000 | 148000 | 98000 | 5 | "Simplex path" | 0
end
table 1.3.6.1.2.1.43.14.1.1 2 integer, 3 string, 4 integer, 5 integer, 6 integer, 7 integer, 8 integer, 9 string
1.1 | 11 | "1.0" | 1 | 1 | 4 | 1 | 0 | "Port=9100"
1.2 | 8 | "RFC1179" | 1 | 1 | 4 | 1 | 0 | "QueueName=lp"
1.3 | 44 | "2.0" | 1 | 1 | 4 | 1 | 0 | "URI=/ipp/print"
end
table 1.3.6.1.2.1.43.15.1.1 2 integer, 3 string, 5 string, 6 string
1.1 | 47 | "2.1" | "PCL 6" | "3.0"
1.2 | 6 | "3" | "PostScript 3" | "3019.1"
1.3 | 54 | "1.7" | "PDF" | "1.7"
end
1.3.6.1.2.1.43.16.5.1.2.1.1 string pick "Paper Jam" if jam / "Cover Open" if door / "Printing" if printing / "Sleep" if sleeping / "Ready"
table 1.3.6.1.2.1.43.18.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 integer, 8 string, 9 ticks
1.1 when black.low | 5 | 3 | 11 | 1 | -1 | 1104 | "Black toner is low (17-562)" | 0
1.2 when tray1.empty | 5 | 3 | 8 | 1 | -1 | 808 | "Tray 1 empty" | 0
1.3 when jam | 3 | 3 | 13 | 1 | -1 | 8 | "Paper jam" | raised
1.4 when door | 3 | 3 | 6 | 1 | -1 | 3 | "Front cover open" | raised
1.10 when sleeping | 1 | 7 | 5 | -1 | -1 | 23 | "Sleep" | 0
end

1.3.6.1.4.1.2699.1.2.1.2.1.1.2.1 string "Xerox VersaLink B600 MFP"
1.3.6.1.4.1.2699.1.2.1.2.1.1.3.1 string "MFG:Xerox;CMD:PCL6,PS;MDL:VersaLink B600 MFP;CLS:PRINTER;"

root X 1.3.6.1.4.1.253.8
$X.51.1.2.1.20.1 string "MFG:Xerox;CMD:PCL6,PS;MDL:VersaLink B600 MFP;CLS:PRINTER;DES:Xerox VersaLink B600 MFP"
table $X.53.3.2.1 1 integer, 2 string, 3 string
1 | 1 | "Xerox VersaLink B600 MFP" | "{serial}"
end
table $X.53.13.2.1 4 integer, 5 integer, 6 integer, 8 string
1.20.1 | 9 | 27 | =total | "Total Impressions"
1.20.2 | 9 | 27 | =since_boot | "Power On Impressions"
1.20.7 | 9 | 27 | =print_mono | "Black Printed Impressions"
1.20.8 | 9 | 28 | =pms | "Black Printed Sheets"
1.20.9 | 9 | 28 | =pm2 | "Black Printed 2 Sided Sheets"
1.20.34 | 9 | 27 | =mono | "Black Impressions"
1.20.38 | 9 | 28 | =sheets | "Sheets"
1.20.39 | 9 | 28 | =duplex | "2 Sided Sheets"
102.20.11 | 9 | 26 | =scan_network | "Network Scanning Images Sent"
102.20.12 | 9 | 26 | =scan_email | "E-mail Images Sent"
102.20.23 | 9 | 26 | =scan_images | "Images Sent"
103.20.3 | 9 | 27 | =copy_mono | "Black Copied Impressions"
103.20.4 | 9 | 28 | =cms | "Black Copied Sheets"
103.20.5 | 9 | 28 | =cm2 | "Black Copied 2 Sided Sheets"
104.20.13 | 9 | 26 | =fax_sent | "Embedded Fax Images Sent"
104.20.14 | 9 | 27 | =fax_mono | "Embedded Fax Impressions"
104.20.15 | 9 | 28 | =fxs | "Embedded Fax Sheets"
104.20.16 | 9 | 28 | =fx2 | "Embedded Fax 2 Sided Sheets"
104.20.19 | 9 | 26 | =fax_mono | "Embedded Fax Images Received"
end

# A collector must not request these.
$X.51.5.2.1.1 string "planted-user@example.invalid"
$X.51.17.1.1.1 string "Planted Job Title: budget"
$X.51.18.1.1.1 string "planted.sender@example.invalid"
$X.57.2.1.1 string "planted-proxy-user"
$X.59.3.1.1 string "Planted job title: salary list of J. Planted.docx"
$X.59.3.1.2 string "planted-owner@example.invalid"
$X.64.4.2.1.7.1 string "planted-smtp@example.invalid"
$X.74.6.2.1.9.1 string "Planted document: dismissal letter.pdf"

# ---- never: a collector must not request these ----
never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6
never 1.3.6.1.2.1.43.5.1.1.4
never 1.3.6.1.2.1.43.5.1.1.5
never 1.3.6.1.4.1.253.8.51.5
never 1.3.6.1.4.1.253.8.51.17
never 1.3.6.1.4.1.253.8.51.18
never 1.3.6.1.4.1.253.8.57
never 1.3.6.1.4.1.253.8.59
never 1.3.6.1.4.1.253.8.64
never 1.3.6.1.4.1.253.8.74

# ---- truth ----
truth identity is_printer, vendor, model, serial
1 | "Xerox" | "VersaLink B600 MFP" | "{serial}"
end
truth firmware name, version
"System" | "68.11.21"
"Controller" | "1.85.8.7"
"IOT" | "11.11.0"
"Panel" | "95.42.21"
"Fax" | "18.5.7"
"Boot" | "4.9.0"
"Marking Engine" | "11.11.0"
end
truth meters name, unit, value, oid
marker_life | impressions | =total | "1.3.6.1.2.1.43.10.2.1.4.1.1"
power_on_impressions | impressions | =since_boot | "1.3.6.1.2.1.43.10.2.1.5.1.1"
impressions_total | impressions | =total | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.1"
"vendor:Power On Impressions" | - | =since_boot | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.2"
print_impressions_mono | impressions | =print_mono | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.7"
"vendor:Black Printed Sheets" | - | =pms | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.8"
"vendor:Black Printed 2 Sided Sheets" | - | =pm2 | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.9"
impressions_mono | impressions | =mono | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.34"
sheets_total | sheets | =sheets | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.38"
sheets_duplex | sheets | =duplex | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.39"
scan_images_network | - | =scan_network | "1.3.6.1.4.1.253.8.53.13.2.1.6.102.20.11"
scan_images_email | - | =scan_email | "1.3.6.1.4.1.253.8.53.13.2.1.6.102.20.12"
"vendor:Images Sent" | - | =scan_images | "1.3.6.1.4.1.253.8.53.13.2.1.6.102.20.23"
copy_impressions_mono | impressions | =copy_mono | "1.3.6.1.4.1.253.8.53.13.2.1.6.103.20.3"
"vendor:Black Copied Sheets" | - | =cms | "1.3.6.1.4.1.253.8.53.13.2.1.6.103.20.4"
"vendor:Black Copied 2 Sided Sheets" | - | =cm2 | "1.3.6.1.4.1.253.8.53.13.2.1.6.103.20.5"
"vendor:Embedded Fax Images Sent" | - | =fax_sent | "1.3.6.1.4.1.253.8.53.13.2.1.6.104.20.13"
fax_impressions_total | impressions | =fax_mono | "1.3.6.1.4.1.253.8.53.13.2.1.6.104.20.14"
"vendor:Embedded Fax Sheets" | - | =fxs | "1.3.6.1.4.1.253.8.53.13.2.1.6.104.20.15"
"vendor:Embedded Fax 2 Sided Sheets" | - | =fx2 | "1.3.6.1.4.1.253.8.53.13.2.1.6.104.20.16"
"vendor:Embedded Fax Images Received" | - | =fax_mono | "1.3.6.1.4.1.253.8.53.13.2.1.6.104.20.19"
end
truth supplies index, type, class, colorant, description, part, serial, unit, max, value
"1.1" | toner_cartridge | consumed | black | "Black Toner Cartridge;SN{hA}01" | "" | "{hA}01" | impressions | 25900 | =black.left
"1.2" | opc | consumed | "" | "Drum Cartridge;SN{hB}02" | "" | "{hB}02" | impressions | 60000 | =drum.left
"1.3" | fuser | consumed | "" | "Maintenance Kit;SNunknown" | "" | "" | impressions | 200000 | =kit.left
"1.4" | other | consumed | "" | "Document Feeder Feed Roller" | "" | "" | impressions | -2 | -3
end
truth alerts index, kind, severity, training, group, code, code_number, location, description
when black.low | "1.1" | warning | warning_binary_change_event | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "" | "Black toner is low (17-562)"
when tray1.empty | "1.2" | warning | warning_binary_change_event | untrained | input | input_media_supply_empty | 808 | "" | "Tray 1 empty"
when jam | "1.3" | fault | critical | untrained | media_path | jam | 8 | "" | "Paper jam"
when door | "1.4" | fault | critical | untrained | cover | cover_open | 3 | "" | "Front cover open"
when sleeping | "1.10" | state | other | no_intervention_required | general_printer | subunit_power_saver | 23 | "" | "Sleep"
end
truth state printer, device, service_mode
pick "printing" if printing / "other" if jam door / "idle" | pick "down" if jam door black.empty / "warning" if black.low / "running" | 0
end
truth errors name
when black.low | low_toner
when black.empty | no_toner
when door | door_open
when jam | jammed
when tray1.low | low_paper
when tray1.empty | no_paper
end
truth trays index, name, description, level, max, unit, media
"1.1" | "Tray 1" | "Tray 1" | =tray1.left | 550 | sheets | "iso-a4-white"
"1.2" | "MP Tray" | "Multi purpose tray" | -3 | 100 | sheets | "iso-a4-white"
end
truth bins index, name, description, level, max, unit
"1.1" | "Standard Bin" | "Standard output bin" | -3 | 250 | sheets
end
truth covers index, description, status
"1.1" | "Front Cover" | pick "open" if door / "closed"
end
truth media_paths index, type, description, max, unit
"1.1" | simplex | "Simplex path" | 3300 | impressions_per_hour
end
truth rated_speed mono
55
end
truth options kind, name, value
interpreter | "PCL 6" | "3.0"
interpreter | "PostScript 3" | "3019.1"
interpreter | "PDF" | "1.7"
channel | "Port 9100" | "1.0"
channel | "LPD" | "RFC1179"
channel | "IPP" | "2.0"
memory | Memory | "1 GiB"
storage | "Hard Disk" | "150 GiB"
end
truth maintenance index, name, type, unit, life, left, used, percent, installed
"1.2" | "Drum Cartridge;SN{hB}02" | opc | impressions | 60000 | =drum.left | - | - | ""
"1.3" | "Maintenance Kit;SNunknown" | fuser | impressions | 200000 | =kit.left | - | - | ""
"1.4" | "Document Feeder Feed Roller" | other | impressions | "" | "" | - | "" | ""
end
