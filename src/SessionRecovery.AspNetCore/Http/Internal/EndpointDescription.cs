using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>The OpenAPI metadata of an endpoint.</summary>
/// <param name="Name">The operation's name. On another than the default path the path is appended, because names are unique in a host.</param>
/// <param name="DefaultPath">The default path.</param>
/// <param name="Tag">The tag.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Problems">The problems that the endpoint can answer.</param>
internal sealed record EndpointDescription(string Name, string DefaultPath, string Tag, string Summary, params Problem[] Problems)
{
    public void Apply(EndpointBuilder endpoint)
    {
        var path = (endpoint as RouteEndpointBuilder)?.RoutePattern.RawText;
        var isDefault = string.Equals(path?.Trim('/'), DefaultPath.Trim('/'), StringComparison.OrdinalIgnoreCase);
        endpoint.Metadata.Add(new EndpointNameMetadata(isDefault ? Name : $"{Name}:{path}"));
        endpoint.Metadata.Add(new TagsAttribute(Tag));
        endpoint.Metadata.Add(new EndpointSummaryAttribute(Summary));
        AddProblems(endpoint, Problems);
    }

    /// <summary>Adds one response per status, which names the problem codes.</summary>
    public static void AddProblems(EndpointBuilder endpoint, IEnumerable<Problem> problems)
    {
        foreach (var status in problems.GroupBy(static problem => problem.Status).OrderBy(static status => status.Key))
        {
            endpoint.Metadata.Add(new ProducesResponseTypeMetadata(status.Key, typeof(Problem), ["application/problem+json"])
            {
                Description = $"Problem codes: {string.Join(", ", status.Select(static problem => problem.Code).Distinct())}.",
            });
        }
    }
}
