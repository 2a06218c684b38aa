/** Part of a graph with one way in and one way out. */
export interface Block {
  readonly nodes: readonly { readonly id: string }[];
  readonly edges: readonly unknown[];
  readonly first: string;
  readonly last: string;
}
