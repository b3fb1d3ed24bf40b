"""Checks an export against the standards' own schemas, which lie beside the checkout: stix FILE | misp FOLDER.

Prints one problem a line and ends with 1 where there is any; ends with 77 where the schemas or jsonschema are absent.
"""
import json
import pathlib
import sys

try:
    import jsonschema
    from jsonschema import Draft4Validator, Draft202012Validator
except ImportError:
    sys.exit(77)

KINDS = {"user-account": "observables", "url": "observables", "observed-data": "sdos", "opinion": "sdos",
         "relationship": "sros", "marking-definition": "common"}


def stix_validators(folder):
    base = "http://raw.githubusercontent.com/oasis-open/cti-stix2-json-schemas/stix2.1/schemas/"
    schemas = {str(f.relative_to(folder)): json.loads(f.read_text()) for f in folder.rglob("*.json")}
    store = {base + name: schema for name, schema in schemas.items()}
    store.update({schema["$id"]: schema for schema in schemas.values() if "$id" in schema})

    def validator(kind):
        schema = schemas[f"{KINDS[kind]}/{kind}.json"]
        resolver = jsonschema.RefResolver(schema["$id"], schema, store)
        return Draft202012Validator(schema, resolver=resolver)

    return {kind: validator(kind) for kind in KINDS}


def check_stix(file, standards):
    problems = []
    bundle = json.loads(file.read_text())
    validators = stix_validators(standards / "stix21")
    ids = {each.get("id") for each in bundle["objects"]}
    for each in bundle["objects"]:
        if each.get("type") not in validators:
            problems.append(f"{each.get('type')}: no type that is exported")
            continue
        for error in validators[each["type"]].iter_errors(each):
            problems.append(f"{each['type']}: {error.message[:200]}")
        refs = each.get("object_refs", []) + each.get("object_marking_refs", [])
        refs += [each[key] for key in ("source_ref", "target_ref") if key in each]
        problems += [f"{each['type']}: refers to nothing" for ref in refs if ref not in ids]
        if each["type"] != "marking-definition" and each["id"].split("--")[1][14] != "4":
            problems.append(f"{each['type']}: its id is not random")
    return problems


def check_misp(folder, standards):
    problems = []
    schema = Draft4Validator(json.loads((standards / "misp/schema-lax.json").read_text()))
    templates = {t["uuid"]: t for t in (json.loads(f.read_text()) for f in (standards / "misp").glob("*.definition.json"))}
    manifest = json.loads((folder / "manifest.json").read_text())
    files = {f.name for f in folder.iterdir()}
    if files != {"manifest.json"} | {uuid + ".json" for uuid in manifest}:
        problems.append("the manifest does not name the files that are there")
    for uuid in manifest:
        event = json.loads((folder / (uuid + ".json")).read_text())
        problems += [f"{uuid}: {error.message[:200]}" for error in schema.iter_errors(event)]
        objects = event["Event"]["Object"]
        known = {each["uuid"] for each in objects}
        for each in objects:
            template = templates.get(each["template_uuid"])
            if template is None or template["name"] != each["name"] or str(template["version"]) != each["template_version"]:
                problems.append(f"{each['name']}: no such template")
                continue
            relations = {attribute["object_relation"] for attribute in each["Attribute"]}
            if not relations & set(template.get("requiredOneOf", [])):
                problems.append(f"{each['name']}: lacks what its template requires")
            for attribute in each["Attribute"]:
                definition = template["attributes"].get(attribute["object_relation"])
                if definition is None or definition["misp-attribute"] != attribute["type"]:
                    problems.append(f"{each['name']}: {attribute['object_relation']} is not in its template")
            problems += [f"{each['name']}: refers to nothing" for reference in each["ObjectReference"]
                         if reference["referenced_uuid"] not in known]
        attributes = event["Event"]["Attribute"] + [a for each in objects for a in each["Attribute"]]
        problems += ["an attribute is meant for detection" for a in attributes if a["to_ids"] is not False]
    return problems


def main():
    kind, path, standards = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    if not standards.is_dir():
        sys.exit(77)
    problems = check_stix(path, standards) if kind == "stix" else check_misp(path, standards)
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


main()
