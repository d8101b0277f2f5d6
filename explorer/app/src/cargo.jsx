export function Cargo() { return null; }
