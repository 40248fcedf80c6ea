using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Replaces each endpoint that has an attribute by its paid endpoint while the request is routed. Authorization, the output cache and the
/// cookie schemes run after routing, and see the same metadata as on an endpoint with a call of <c>RequireCredits</c>.
/// </summary>
internal sealed class PaidAttributePolicy(AttributedEndpoints endpoints) : MatcherPolicy, IEndpointSelectorPolicy
{
    // This policy runs after the policies of ASP.NET Core, because those policies replace dynamic endpoints and endpoints of pages that are
    // not compiled yet.
    public override int Order => 1000;

    // The attributes of a dynamic endpoint are known only after another policy has replaced the endpoint.
    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => ContainsDynamicEndpoints(endpoints)
        || endpoints.Any(static endpoint => AttributedEndpoints.HasAttribute(endpoint)
            || (endpoint.Metadata.GetMetadata<ActionDescriptor>() is { } action && PagePrices.IsNotCompiled(action)));

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        for (var index = 0; index < candidates.Count; index++)
        {
            if (candidates.IsValidCandidate(index) && AttributedEndpoints.HasAttribute(candidates[index].Endpoint))
            {
                candidates.ReplaceEndpoint(index, endpoints.GetPaid(candidates[index].Endpoint), candidates[index].Values);
            }
        }

        return Task.CompletedTask;
    }
}
