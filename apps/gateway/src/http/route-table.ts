interface Route {
  readonly method: string;
  readonly template: string;
  readonly pattern: RegExp;
}

/** Every route of the app by template, collected while they are registered: tells 405 from 404, and feeds the check of the OpenAPI document. */
export class RouteTable {
  readonly #routes: Route[] = [];

  add(methods: string | readonly string[], template: string): void {
    const pattern = new RegExp(`^${template.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:[A-Za-z]+/g, '[^/]+')}/?$`);
    for (const method of [methods].flat()) this.#routes.push({ method, template, pattern });
  }

  /** Methods that some route takes at this path, sorted; empty when there is no such path. */
  methodsOf(path: string): readonly string[] {
    return [...new Set(this.#routes.filter((route) => route.pattern.test(path)).map((route) => route.method))].sort();
  }

  /** `METHOD template` of every route. */
  list(): readonly string[] {
    return this.#routes.map((route) => `${route.method} ${route.template}`);
  }
}
