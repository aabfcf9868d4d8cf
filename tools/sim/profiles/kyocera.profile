# A colour multifunction printer in the shape of Kyocera's: the billing meter is private and smaller
# than prtMarkerLifeCount; codes of alerts come without text.
profile kyocera
serial "RH@#######"
host "KM{mac}"
oui 00c0ee

rate print_mono 4.00
rate print_color 2.50
rate copy_mono 1.20
rate copy_color 0.50
rate fax_mono 0.20
rate fax_sent 0.10
rate scan_email 0.80
rate scan_network 0.40

let color = print_color + copy_color
let mono = print_mono + copy_mono + fax_mono
let total = color + mono
let duplex = total%30
let sheets = total - duplex
let life = total + total%1
let printed = print_mono + print_color
let copied = copy_mono + copy_color
let print_full = print_color%80
let print_single = print_color - print_full
let copy_full = copy_color%90
let copy_single = copy_color - copy_full
let scan_other = scan_email + scan_network
let single = print_single + copy_single
let full = print_full + copy_full
let large_mono = mono%4
let large_color = color%4
let large = large_mono + large_color
let a4_mono = mono - large_mono
let a4_color = color - large_color
let a4 = a4_mono + a4_color
let scanned = copied + fax_sent + scan_other

supply black total capacity 30000 yield 30000 low 10
supply cyan color capacity 20000 yield 20000 low 10
supply magenta color capacity 20000 yield 20000 low 10
supply yellow color capacity 20000 yield 20000 low 10
supply tray1 sheets capacity 500 yield 500 low 10
event jam every 57
event door every 37

1.3.6.1.2.1.1.1.0 string "KYOCERA Document Solutions Printing System"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.1347.41
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "KM{mac}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 72
1.3.6.1.2.1.2.1.0 integer 1
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "Ethernet" | 6 | 1500 | 100000000 | "{macbytes}" | 1 | 1
end

1.3.6.1.2.1.25.1.1.0 ticks uptime
1.3.6.1.2.1.25.1.2.0 clock
1.3.6.1.2.1.25.2.2.0 integer 1048576
table 1.3.6.1.2.1.25.2.3.1 1 integer, 2 oid, 3 string, 4 integer, 5 integer, 6 integer
1 | 1 | 1.3.6.1.2.1.25.2.1.2 | "RAM" | 1024 | 2097152 | 700000
2 | 2 | 1.3.6.1.2.1.25.2.1.4 | "Hard Disk" | 4096 | 39321600 | 1200000
end
table 1.3.6.1.2.1.25.3.2.1 1 integer, 2 oid, 3 string, 4 oid, 5 integer, 6 counter
1 | 1 | 1.3.6.1.2.1.25.3.1.5 | "TASKalfa 4054ci" | 1.3.6.1.4.1.1347.41 | pick 5 if jam door black.empty / 3 if black.low cyan.low magenta.low yellow.low / 2 | =jam.count
end
1.3.6.1.2.1.25.3.5.1.1.1 integer pick 4 if printing / 1 if jam door / 3
1.3.6.1.2.1.25.3.5.1.2.1 bits 1 2 if black.low cyan.low magenta.low yellow.low / 3 if black.empty cyan.empty magenta.empty yellow.empty / 4 if door / 5 if jam / 0 if tray1.low / 1 if tray1.empty

1.3.6.1.2.1.43.5.1.1.1.1 counter 5
1.3.6.1.2.1.43.5.1.1.2.1 integer 1
1.3.6.1.2.1.43.5.1.1.4.1 string "Planted Operator"
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
1.1 | 3 | 4 | 297000 | 210000 | 8 | 500 | =tray1.left | pick 9 if tray1.empty / 0 | "iso-a4-white" | "Tray 1" | "Tray 1"
1.2 | 4 | 4 | 297000 | 210000 | 8 | 100 | -3 | 0 | "iso-a4-white" | "MP Tray" | "Multi purpose tray"
end
table 1.3.6.1.2.1.43.9.2.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 string, 12 string
1.1 | 3 | 8 | 250 | -3 | 0 | "Standard Bin" | "Standard output bin"
end
table 1.3.6.1.2.1.43.10.2.1 2 integer, 3 integer, 4 counter, 5 counter, 15 integer
1.1 | 4 | 7 | =life | =since_boot | 0
end
table 1.3.6.1.2.1.43.11.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 string, 7 integer, 8 integer, 9 integer
1.1 | 1 | 1 | 3 | 3 | "TK-8545K" | 7 | 30000 | =black.left
1.2 | 1 | 2 | 3 | 3 | "TK-8545C" | 7 | 20000 | =cyan.left
1.3 | 1 | 3 | 3 | 3 | "TK-8545M" | 7 | 20000 | =magenta.left
1.4 | 1 | 4 | 3 | 3 | "TK-8545Y" | 7 | 20000 | =yellow.left
1.5 | 1 | 0 | 4 | 4 | "Waste Toner Box" | 12 | -2 | -3
end
table 1.3.6.1.2.1.43.12.1.1 2 integer, 3 integer, 4 string, 5 integer
1.1 | 1 | 3 | "black" | 256
1.2 | 1 | 3 | "cyan" | 256
1.3 | 1 | 3 | "magenta" | 256
1.4 | 1 | 3 | "yellow" | 256
end
table 1.3.6.1.2.1.43.13.4.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 integer, 8 integer, 9 integer, 10 string, 11 integer
1.1 | 7 | 4 | 2400 | 432000 | 305000 | 148000 | 98000 | 5 | "Simplex path" | 0
end
table 1.3.6.1.2.1.43.14.1.1 2 integer, 3 string, 4 integer, 5 integer, 6 integer, 7 integer, 8 integer, 9 string
1.1 | 11 | "1.0" | 1 | 1 | 4 | 1 | 0 | "Port=9100"
1.2 | 8 | "RFC1179" | 1 | 1 | 4 | 1 | 0 | "QueueName=lp"
1.3 | 44 | "2.0" | 1 | 1 | 4 | 1 | 0 | "URI=/ipp/print"
end
table 1.3.6.1.2.1.43.15.1.1 2 integer, 3 string, 5 string, 6 string
1.1 | 47 | "2.1" | "PCL XL" | "3.0"
1.2 | 6 | "3" | "PostScript 3" | "3019.1"
1.3 | 54 | "1.7" | "PDF" | "1.7"
end
1.3.6.1.2.1.43.16.5.1.2.1.1 string pick "Paper Jam" if jam / "Cover Open" if door / "Printing" if printing / "Sleep" if sleeping / "Ready"
table 1.3.6.1.2.1.43.18.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 integer, 8 string, 9 ticks
1.1 when black.low | 5 | 3 | 11 | 1 | 0 | 1104 | "" | 0
1.2 when cyan.low | 5 | 3 | 11 | 2 | 0 | 1104 | "" | 0
1.3 when magenta.low | 5 | 3 | 11 | 3 | 0 | 1104 | "" | 0
1.4 when yellow.low | 5 | 3 | 11 | 4 | 0 | 1104 | "" | 0
1.5 when tray1.empty | 5 | 3 | 8 | 1 | 0 | 808 | "" | 0
1.6 when jam | 3 | 3 | 13 | 1 | 0 | 8 | "" | raised
1.7 when door | 3 | 3 | 6 | 1 | 0 | 3 | "" | raised
1.13 when sleeping | 5 | 7 | 5 | -1 | -1 | 503 | "" | 0
end

table 1.3.6.1.2.1.43.30.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 9 integer, 10 string
1.1 | 16 | 3 | 8 | 1000 | -3 | 0 | "Stacker"
1.2 | 3 | 3 | 18 | 5000 | -3 | 0 | "Stapler"
end

1.3.6.1.4.1.2699.1.2.1.2.1.1.2.1 string "TASKalfa 4054ci"
1.3.6.1.4.1.2699.1.2.1.2.1.1.3.1 string "ID:TASKalfa 4054ci;MFG:Kyocera;CMD:PCLXL,PCL5C;MDL:TASKalfa 4054ci;CLS:PRINTER;"

root K 1.3.6.1.4.1.1347
$K.40.10.1.1.5.1 string "KM{mac}"
# By paper size: all, mono, colour. Then the total by colour.
table $K.42.2.1.1.1 2 string, 6 counter, 7 counter, 8 counter
1.1 | "A3" | =large | =large_mono | =large_color
1.2 | "B4" | 0 | 0 | 0
1.3 | "A4" | =a4 | =a4_mono | =a4_color
1.4 | "B5" | 0 | 0 | 0
1.5 | "A5" | 0 | 0 | 0
1.6 | "Folio" | 0 | 0 | 0
1.7 | "Ledger" | 0 | 0 | 0
1.8 | "Legal" | 0 | 0 | 0
1.9 | "Letter" | 0 | 0 | 0
1.10 | "Statement" | 0 | 0 | 0
1.11 | "Other1" | 0 | 0 | 0
1.12 | "Other2" | 0 | 0 | 0
1.13 | "Banner1" | 0 | 0 | 0
1.14 | "Banner2" | 0 | 0 | 0
end
table $K.42.2.2.1.1 2 string, 3 counter
1.1 | "Monochrome" | =mono
1.2 | "Mono Color" | =single
1.3 | "Full Color" | =full
end
table $K.42.3.1.1.1 1 counter
1 | =printed
2 | =copied
4 | =fax_mono
end
# By function (1 print, 2 copy, 4 fax) and colour (1 mono, 2 single, 3 full).
table $K.42.3.1.2.1.1 1 counter, 2 counter, 4 counter
1 | =print_mono | =copy_mono | =fax_mono
2 | =print_single | =copy_single | 0
3 | =print_full | =copy_full | 0
end
$K.42.3.1.3.1.1.2 counter =copied
$K.42.3.1.3.1.1.4 counter =fax_sent
$K.42.3.1.4.1.1.1 counter =scan_other
$K.43.5.1.1.1.1 string "TASKalfa 4054ci"
$K.43.5.1.1.28.1 string "{serial}"
$K.43.5.4.1.5.1.1 string "2XD_S000.002.101"
$K.43.10.1.1.12.1.1 counter =total
$K.43.18.2.1.2.1.1 string pick "Paper jam." if jam / "Close cover." if door / "Printing..." if printing / "Sleeping..." if sleeping / "Ready to print."
$K.43.18.2.1.3.1.1 integer pick 3 if jam / 2 if door / 1
$K.46.10.1.1.5.3 counter =scanned

# A collector must not request these.
$K.47.5.1.1.3.1 string "Planted job title: redundancies 2026.xlsx"
$K.47.5.1.1.7.1 string "planted-kyocera-user@example.invalid"

# ---- never: a collector must not request these ----
never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6
never 1.3.6.1.2.1.43.5.1.1.4
never 1.3.6.1.2.1.43.5.1.1.5
never 1.3.6.1.4.1.1347.47

# ---- truth ----
truth identity is_printer, vendor, model, serial
1 | "Kyocera" | "TASKalfa 4054ci" | "{serial}"
end
truth firmware name, version
"main" | "2XD_S000.002.101"
end
truth meters name, unit, value, oid
marker_life | impressions | =life | "1.3.6.1.2.1.43.10.2.1.4.1.1"
power_on_impressions | impressions | =since_boot | "1.3.6.1.2.1.43.10.2.1.5.1.1"
impressions_total | impressions | =total | "1.3.6.1.4.1.1347.43.10.1.1.12.1.1"
print_impressions_total | impressions | =printed | "1.3.6.1.4.1.1347.42.3.1.1.1.1.1"
copy_impressions_total | impressions | =copied | "1.3.6.1.4.1.1347.42.3.1.1.1.1.2"
fax_impressions_total | impressions | =fax_mono | "1.3.6.1.4.1.1347.42.3.1.1.1.1.4"
print_impressions_mono | impressions | =print_mono | "1.3.6.1.4.1.1347.42.3.1.2.1.1.1.1"
copy_impressions_mono | impressions | =copy_mono | "1.3.6.1.4.1.1347.42.3.1.2.1.1.2.1"
fax_impressions_mono | impressions | =fax_mono | "1.3.6.1.4.1.1347.42.3.1.2.1.1.4.1"
scan_images_total | - | =scanned | "1.3.6.1.4.1.1347.46.10.1.1.5.3"
"vendor:Print single color" | impressions | =print_single | "1.3.6.1.4.1.1347.42.3.1.2.1.1.1.2"
"vendor:Copy single color" | impressions | =copy_single | "1.3.6.1.4.1.1347.42.3.1.2.1.1.2.2"
"vendor:Copy scans" | - | =copied | "1.3.6.1.4.1.1347.42.3.1.3.1.1.2"
"vendor:Fax scans" | - | =fax_sent | "1.3.6.1.4.1.1347.42.3.1.3.1.1.4"
"vendor:Other scans" | - | =scan_other | "1.3.6.1.4.1.1347.42.3.1.4.1.1.1"
"vendor:Print full color" | impressions | =print_full | "1.3.6.1.4.1.1347.42.3.1.2.1.1.1.3"
"vendor:Copy full color" | impressions | =copy_full | "1.3.6.1.4.1.1347.42.3.1.2.1.1.2.3"
print_impressions_color | impressions | =print_color | "1.3.6.1.4.1.1347.42.3.1.2.1.1.1.2 1.3.6.1.4.1.1347.42.3.1.2.1.1.1.3"
copy_impressions_color | impressions | =copy_color | "1.3.6.1.4.1.1347.42.3.1.2.1.1.2.2 1.3.6.1.4.1.1347.42.3.1.2.1.1.2.3"
impressions_color | impressions | =color | "1.3.6.1.4.1.1347.42.3.1.2.1.1.1.2 1.3.6.1.4.1.1347.42.3.1.2.1.1.1.3 1.3.6.1.4.1.1347.42.3.1.2.1.1.2.2 1.3.6.1.4.1.1347.42.3.1.2.1.1.2.3"
impressions_mono | impressions | =mono | "1.3.6.1.4.1.1347.42.2.2.1.1.3.1.1"
"vendor:Mono Color" | impressions | =single | "1.3.6.1.4.1.1347.42.2.2.1.1.3.1.2"
"vendor:Full Color" | impressions | =full | "1.3.6.1.4.1.1347.42.2.2.1.1.3.1.3"
large_impressions_total | impressions | =large | "1.3.6.1.4.1.1347.42.2.1.1.1.6.1.1 1.3.6.1.4.1.1347.42.2.1.1.1.6.1.2 1.3.6.1.4.1.1347.42.2.1.1.1.6.1.7"
large_impressions_mono | impressions | =large_mono | "1.3.6.1.4.1.1347.42.2.1.1.1.7.1.1 1.3.6.1.4.1.1347.42.2.1.1.1.7.1.2 1.3.6.1.4.1.1347.42.2.1.1.1.7.1.7"
large_impressions_color | impressions | =large_color | "1.3.6.1.4.1.1347.42.2.1.1.1.8.1.1 1.3.6.1.4.1.1347.42.2.1.1.1.8.1.2 1.3.6.1.4.1.1347.42.2.1.1.1.8.1.7"
end
truth supplies index, type, class, colorant, description, part, serial, unit, max, value
"1.1" | toner | consumed | black | "TK-8545K" | "" | "" | impressions | 30000 | =black.left
"1.2" | toner | consumed | cyan | "TK-8545C" | "" | "" | impressions | 20000 | =cyan.left
"1.3" | toner | consumed | magenta | "TK-8545M" | "" | "" | impressions | 20000 | =magenta.left
"1.4" | toner | consumed | yellow | "TK-8545Y" | "" | "" | impressions | 20000 | =yellow.left
"1.5" | waste_toner | receptacle | "" | "Waste Toner Box" | "" | "" | thousandths_of_ounces | -2 | -3
end
truth alerts index, kind, severity, training, group, code, code_number, location, description
when black.low | "1.1" | warning | warning_binary_change_event | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "" | ""
when cyan.low | "1.2" | warning | warning_binary_change_event | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "" | ""
when magenta.low | "1.3" | warning | warning_binary_change_event | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "" | ""
when yellow.low | "1.4" | warning | warning_binary_change_event | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "" | ""
when tray1.empty | "1.5" | warning | warning_binary_change_event | untrained | input | input_media_supply_empty | 808 | "" | ""
when jam | "1.6" | fault | critical | untrained | media_path | jam | 8 | "" | ""
when door | "1.7" | fault | critical | untrained | cover | cover_open | 3 | "" | ""
when sleeping | "1.13" | state | warning_binary_change_event | no_intervention_required | general_printer | power_up | 503 | "" | ""
end
truth state printer, device, service_mode
pick "printing" if printing / "other" if jam door / "idle" | pick "down" if jam door black.empty / "warning" if black.low cyan.low magenta.low yellow.low / "running" | 0
end
truth errors name
when black.low | low_toner
when cyan.low | low_toner
when magenta.low | low_toner
when yellow.low | low_toner
when black.empty | no_toner
when cyan.empty | no_toner
when magenta.empty | no_toner
when yellow.empty | no_toner
when door | door_open
when jam | jammed
when tray1.low | low_paper
when tray1.empty | no_paper
end
truth trays index, name, description, level, max, unit, media
"1.1" | "Tray 1" | "Tray 1" | =tray1.left | 500 | sheets | "iso-a4-white"
"1.2" | "MP Tray" | "Multi purpose tray" | -3 | 100 | sheets | "iso-a4-white"
end
truth bins index, name, description, level, max, unit
"1.1" | "Standard Bin" | "Standard output bin" | -3 | 250 | sheets
end
truth covers index, description, status
"1.1" | "Front Cover" | pick "open" if door / "closed"
end
truth media_paths index, type, description, max, unit
"1.1" | simplex | "Simplex path" | 2400 | impressions_per_hour
end
truth rated_speed mono
40
end
truth options kind, name, value
interpreter | "PCL XL" | "3.0"
interpreter | "PostScript 3" | "3019.1"
interpreter | "PDF" | "1.7"
channel | "Port 9100" | "1.0"
channel | "LPD" | "RFC1179"
channel | "IPP" | "2.0"
memory | Memory | "1 GiB"
storage | "Hard Disk" | "150 GiB"
finisher | "Stacker" | ""
finisher | "Stapler" | ""
end
truth maintenance index, name, type, unit, life, left, used, percent, installed
end
