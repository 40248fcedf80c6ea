using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>Contains the OpenAPI metadata of an endpoint.</summary>
/// <param name="Name">
/// The operation name. If the path of the endpoint is not the default path, the path is appended to the name, because operation names must
/// be unique in a host.
/// </param>
/// <param name="DefaultPath">The default path of the endpoint.</param>
/// <param name="Tag">The OpenAPI tag.</param>
/// <param name="Summary">The summary, in one sentence.</param>
/// <param name="Problems">The problems that the endpoint can return.</param>
internal sealed record EndpointDescription(string Name, string DefaultPath, string Tag, string Summary, params Problem[] Problems)
{
    /// <summary>Gets the status codes that the result type of the handler does not declare.</summary>
    public int[] Statuses { get; init; } = [];

    /// <summary>Gets the body of the request, or <see langword="null"/> for a request without a body.</summary>
    public RequestBodyMetadata? RequestBody { get; init; }

    private bool RequiresSession => Problems.Contains(Internal.Problems.Unauthenticated);

    public void Apply(EndpointBuilder endpoint)
    {
        var path = (endpoint as RouteEndpointBuilder)?.RoutePattern.RawText;
        var isDefault = string.Equals(path?.Trim('/'), DefaultPath.Trim('/'), StringComparison.OrdinalIgnoreCase);
        endpoint.Metadata.Add(new EndpointNameMetadata(isDefault ? Name : $"{Name}:{path}"));
        endpoint.Metadata.Add(new TagsAttribute(Tag));
        endpoint.Metadata.Add(new EndpointSummaryAttribute(Summary));
        foreach (var status in Statuses)
        {
            endpoint.Metadata.Add(new ProducesResponseTypeAttribute(status));
        }

        if (RequestBody is not null)
        {
            endpoint.Metadata.Add(RequestBody);
        }

        AddProblems(endpoint, RequiresSession ? [.. Problems, Internal.Problems.NoUserId, Internal.Problems.SignInUnavailable] : Problems);
    }

    /// <summary>Adds one response per status code. The description of a response lists the problem codes.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="problems">The problems.</param>
    /// <param name="keepsImplicitSuccess">
    /// <see langword="true"/> to declare the HTTP status 200 if the handler declares no status. OpenAPI assumes the status 200 only if no
    /// response is declared, and the problems are declared responses.
    /// </param>
    public static void AddProblems(EndpointBuilder endpoint, IEnumerable<Problem> problems, bool keepsImplicitSuccess = false)
    {
        if (keepsImplicitSuccess && !endpoint.Metadata.OfType<IProducesResponseTypeMetadata>().Any())
        {
            endpoint.Metadata.Add(new ProducesResponseTypeAttribute(StatusCodes.Status200OK));
        }

        foreach (var (status, description) in DescribeProblems(problems))
        {
            endpoint.Metadata.Add(new ProducesResponseTypeAttribute(typeof(Problem), status, "application/problem+json")
            {
                Description = description,
            });
        }
    }

    /// <summary>Returns the status codes of the problems, each with a description that lists the problem codes.</summary>
    public static IEnumerable<(int Status, string Description)> DescribeProblems(IEnumerable<Problem> problems) => problems
        .GroupBy(static problem => problem.Status)
        .OrderBy(static status => status.Key)
        .Select(static status =>
            (status.Key, $"Problem codes: {string.Join(", ", status.Select(static problem => problem.Code).Distinct())}."));
}
